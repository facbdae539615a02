# The product's own image. It starts no containers inside itself: it asks the host's engine, through its socket.
#
#   docker build -t reproof .
#   docker run --rm -v /var/run/docker.sock:/var/run/docker.sock \
#     --group-add "$(stat -c %g /var/run/docker.sock)" \
#     -v reproof-data:/data -v reproof-cache:/cache reproof rebuild less
#
# A service, and a worker for one: docs/operating.md and examples/service/compose.yaml.
#
#   docker run -d -p 127.0.0.1:8484:8484 -v reproof-data:/data reproof serve --listen 0.0.0.0:8484 --workers 0
#
# Whoever may write to that socket is as good as root on the host: give it to nothing else.
ARG BASE=node:24-bookworm-slim

FROM ${BASE} AS build
WORKDIR /src
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY . .
RUN node_modules/.bin/tsc -p tsconfig.build.json \
 && node_modules/.bin/tsc -p dashboard/islands/tsconfig.build.json \
 && cp -r dashboard/style dist/dashboard/

FROM ${BASE}
RUN apt-get update \
 && apt-get install -y --no-install-recommends \
      bzip2 ca-certificates debian-archive-keyring dpkg gpgv xz-utils zstd \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /opt/reproof
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --ignore-scripts && npm cache clean --force
COPY --from=build /src/dist ./dist
RUN chmod 755 dist/rebuilder/cli/main.js \
 && ln -s /opt/reproof/dist/rebuilder/cli/main.js /usr/local/bin/reproof \
 && useradd --uid 10000 --user-group --create-home reproof \
 && install -d -o reproof -g reproof /data /cache
ENV REPROOF_DATA=/data REPROOF_CACHE=/cache
USER 10000:10000
VOLUME ["/data", "/cache"]
EXPOSE 8484
HEALTHCHECK NONE
ENTRYPOINT ["reproof"]
