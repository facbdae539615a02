# Finds what a checkout lacks and puts it there. Sourced by reproof and .ci/with-node, which set $root; never run.
# POSIX sh. The lock on .cache/setup.lock is flock(1)'s: it ends with its holder, so a killed set-up leaves none behind.

say() { printf 'reproof: %s\n' "$*" >&2; }

# give_up WHAT COMMAND: names what is missing and how to get it. 69 is EX_UNAVAILABLE of sysexits.h(3head).
give_up() {
  say "missing: $1"
  say "to get it: $2"
  exit 69
}

# up_to_date FOLDER: true when what npm last installed there is not older than the lock it was installed from.
up_to_date() {
  [ -f "$1/node_modules/.package-lock.json" ] && [ ! "$1/package-lock.json" -nt "$1/node_modules/.package-lock.json" ]
}

has_node() { [ -x "$root/.ci/node/node_modules/.bin/node" ] && up_to_date "$root/.ci/node"; }

# A linked node_modules belongs to somebody else: it is taken as it is.
has_modules() {
  [ -L "$root/node_modules" ] || {
    up_to_date "$root" && { [ "$needs" != tests ] && [ "$needs" != development ] || [ -x "$root/node_modules/.bin/vitest" ]; }
  }
}

# engine_seen: true when the user named an engine, or a socket is there that no dead dockerd left behind.
engine_seen() {
  [ -z "${engine_named:-${DOCKER_HOST:-}}" ] || return 0
  ! grep -qs '^engine:' "${XDG_CONFIG_HOME:-${HOME:-}/.config}/reproof/config.yaml" || return 0
  if [ -S /var/run/docker.sock ]; then
    [ -r /var/run/docker.pid ] || return 0
    pid=
    read -r pid </var/run/docker.pid || :
    comm=
    [ ! -r "/proc/${pid:-none}/comm" ] || read -r comm <"/proc/$pid/comm" || :
    [ "$comm" != dockerd ] || return 0
  fi
  [ -S "${XDG_RUNTIME_DIR:-}/podman/podman.sock" ] || [ -S /run/podman/podman.sock ]
}

# engine_answers: asks the engine itself.
engine_answers() {
  REPROOF_SOCKET=$1 "$root/.ci/node/node_modules/.bin/node" -e '
    const request = require("node:http").get({ socketPath: process.env.REPROOF_SOCKET, path: "/_ping", timeout: 2000 });
    request.on("response", (response) => process.exit(response.statusCode === 200 ? 0 : 1));
    request.on("timeout", () => process.exit(1));
    request.on("error", () => process.exit(1));'
}

# missing_packages: Debian's names of what is not there, each after a blank.
missing_packages() {
  { has_node && has_modules; } || command -v npm >/dev/null || printf ' nodejs npm'
  case $needs in
    readers) wanted='xz:xz-utils zstd:zstd bzip2:bzip2' ;;
    engine) wanted='xz:xz-utils zstd:zstd bzip2:bzip2 gpgv:gpgv' ;;
    tests) wanted='xz:xz-utils zstd:zstd bzip2:bzip2 gpgv:gpgv lz4:lz4 mmdebstrap:mmdebstrap gpg:gnupg gpg-agent:gpg-agent
      dpkg-source:dpkg-dev readelf:binutils gcc:gcc fakeroot:fakeroot zip:zip zipinfo:unzip ps:procps docker:docker.io
      mksquashfs:squashfs-tools genisoimage:genisoimage
      bsdtar:libarchive-tools sqfs2tar:squashfs-tools-ng
      mke2fs:e2fsprogs lzip:lzip capsh:libcap2-bin sfdisk:fdisk mkfs.fat:dosfstools mcopy:mtools
      openssl:openssl cpio:cpio rpmbuild:rpm rpm2archive:rpm2cpio msgfmt:gettext pdftotext:poppler-utils sqlite3:sqlite3
      diffoscope:diffoscope-minimal chromium:chromium' ;;
    *) wanted='' ;;
  esac
  # Programs for administrators are not on everybody's PATH.
  for pair in $wanted; do
    (PATH=$PATH:/usr/sbin:/sbin && command -v "${pair%%:*}" >/dev/null) || printf ' %s' "${pair#*:}"
  done
  # PostgreSQL's programs are on nobody's PATH.
  [ "$needs" != tests ] || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || printf ' postgresql'
  case $needs in
    engine | tests)
      [ -f /usr/share/keyrings/debian-archive-keyring.gpg ] || [ -f /usr/share/keyrings/debian-archive-keyring.pgp ] ||
        printf ' debian-archive-keyring'
      engine_seen || {
        command -v dockerd >/dev/null || printf ' docker.io'
        command -v iptables >/dev/null || printf ' iptables'
      }
      ;;
  esac
}

# as_root COMMAND...: runs it as root, or fails when there is no way to.
as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n -- "$@"; fi
}

may_be_root() {
  [ "$(id -u)" = 0 ] || { command -v sudo >/dev/null && sudo -n true 2>/dev/null; }
}

# ask_first TEXT: says what will be done; on a terminal it waits for a yes.
ask_first() {
  say 'this checkout needs:'
  printf '%s\n' "$1" | sed '/^$/d; s/^/  - /' >&2
  [ "${REPROOF_YES:-}" != 1 ] && [ -t 0 ] && [ -t 2 ] || return 0
  printf 'reproof: set this up now? [y/N] ' >&2
  answer=
  read -r answer || :
  case $answer in
    y | Y | yes | Yes) ;;
    *) say 'nothing was changed'; exit 69 ;;
  esac
}

# without_a_cluster: keeps Debian's postgresql from making a server that runs for nobody; tests start their own.
without_a_cluster() {
  [ -d /etc/postgresql-common ] || as_root sh -c 'mkdir -p /etc/postgresql-common/createcluster.d &&
    echo "create_main_cluster = false" >/etc/postgresql-common/createcluster.d/reproof-tests.conf'
}

install_packages() {
  say "installing from Debian:$1"
  case "$1 " in *' postgresql '*) without_a_cluster ;; esac
  set -- $1
  ls /var/lib/apt/lists/*_InRelease >/dev/null 2>&1 || as_root apt-get update -q >&2 || :
  # Lists can be older than the mirror, which then answers 404: they are renewed once.
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "$@" >&2 9>&- ||
    { as_root apt-get update -q >&2 &&
      as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "$@" >&2 9>&-; } ||
    give_up "Debian packages: $*" "sudo apt-get update && sudo apt-get install --no-install-recommends $*"
}

install_node() {
  say 'installing Node 24 into .ci/node'
  npm ci --prefix "$root/.ci/node" --include=optional --ignore-scripts --no-audit --no-fund --loglevel=error >&2 ||
    give_up 'Node 24' "npm ci --prefix $root/.ci/node --ignore-scripts (its message is above)"
  # npm 9 installs the platform's package without linking its program.
  for found in "$root"/.ci/node/node_modules/node-linux-*/bin/node; do
    [ ! -x "$found" ] || ln -sf "../${found#"$root/.ci/node/node_modules/"}" "$root/.ci/node/node_modules/.bin/node"
  done
  [ -x "$root/.ci/node/node_modules/.bin/node" ] ||
    give_up "Node 24 for $(uname -s) $(uname -m)" 'run this on Linux, x86-64 or 64-bit ARM'
}

install_modules() {
  set -- --omit=dev
  case $needs in tests | development) set -- --include=dev ;; esac
  [ ! -x "$root/node_modules/.bin/vitest" ] || set -- --include=dev
  say 'installing npm packages into node_modules'
  # Run by Node 24: under an older Node npm leaves out, without a word, optional packages that ask for a newer one.
  PATH=$root/.ci/node/node_modules/.bin:$PATH npm ci --prefix "$root" "$@" --include=optional \
    --ignore-scripts --no-audit --no-fund --loglevel=error >&2 ||
    give_up 'npm packages' "PATH=$root/.ci/node/node_modules/.bin:\$PATH npm ci --ignore-scripts (its message is above)"
}

# start_engine: through systemd where it runs, else as a process of its own that outlives this one.
start_engine() {
  log=$root/.cache/dockerd.log
  say 'starting the container engine'
  if [ -d /run/systemd/system ] && as_root systemctl start docker.service 9>&- >&2; then
    log='the journal: journalctl -u docker'
  else
    as_root sh -c 'setsid nohup dockerd >>"$1" 2>&1 </dev/null 9>&- &' start-dockerd "$log"
  fi
  tries=0
  until as_root test -S /var/run/docker.sock && { [ ! -w /var/run/docker.sock ] || engine_answers /var/run/docker.sock; }; do
    tries=$((tries + 1))
    [ "$tries" -lt 60 ] || give_up 'a container engine: dockerd did not answer within 30 s' "read $log"
    sleep 0.5
  done
}

# set_up NEEDS: node (and npm packages), readers (and decompressors), engine (and what builds need), development
# (npm's development packages too), tests (engine and development, and the programs that tests judge by).
set_up() {
  needs=$1
  # Looked at before the lock is taken, so that a checkout that lacks nothing needs no writable folder.
  [ -z "$(work_left)" ] || fill_gaps
}

fill_gaps() {
  [ "$(uname -s)" = Linux ] || give_up "Linux (this is $(uname -s))" 'run this on a Linux machine or in a container'
  # touch, since a redirection that fails ends a shell.
  { mkdir -p "$root/.cache" && touch "$root/.cache/setup.lock"; } 2>/dev/null ||
    give_up "leave to write in $root/.cache" "run this as $(stat -c %U "$root"), who owns the checkout"
  exec 9>>"$root/.cache/setup.lock"
  flock -n 9 || { say 'waiting for another set-up of this checkout'; flock 9; }
  work=$(work_left)
  if [ -n "$work" ]; then
    packages=$(missing_packages)
    if [ -n "$packages" ]; then
      command -v apt-get >/dev/null ||
        give_up "the programs of Debian's packages$packages" "your system's package manager, or run this on Debian"
      may_be_root || give_up "Debian packages$packages" "sudo apt-get install --no-install-recommends$packages"
    fi
    case $needs in
      engine | tests) engine_seen || may_be_root || give_up 'a container engine' 'sudo systemctl start docker, or sudo dockerd &' ;;
    esac
    ask_first "$work"
    [ -z "$packages" ] || install_packages "$packages"
    # Since Debian 13 the engine's client is a package of its own.
    [ "$needs" != tests ] || command -v docker >/dev/null || install_packages ' docker-cli'
    has_node || install_node
    has_modules || install_modules
    case $needs in engine | tests) engine_seen || start_engine ;; esac
  fi
  exec 9>&-
}

# work_left: what set_up will do, a line each; nothing when all is there.
work_left() {
  packages=$(missing_packages)
  [ -z "$packages" ] || printf '%s\n' "Debian packages:$packages"
  has_node || printf '%s\n' 'Node 24, from npm, into .ci/node (about 210 MB)'
  has_modules || printf '%s\n' 'npm packages, into node_modules'
  case $needs in engine | tests) engine_seen || printf '%s\n' 'a container engine: dockerd will be started, and goes on running' ;; esac
}
