import { once } from 'node:events';
import rateLimit, { normalizeIP } from '@fastify/rate-limit';
import swagger from '@fastify/swagger';
import Fastify, {
  type FastifyPluginAsync,
  type FastifyReply,
  type FastifyRequest,
  type FastifyServerOptions,
} from 'fastify';
import {
  jsonSchemaTransform,
  jsonSchemaTransformObject,
  serializerCompiler,
  validatorCompiler,
} from 'fastify-type-provider-zod';
import { ReproofError } from '../../model/index.ts';
import { addressKey, IPV6_SUBNET, serverAccess } from './access.ts';
import { INERT_HEADERS, shapeAnswers } from './answers.ts';
import { readJsonBodies } from './body.ts';
import { type App, type RouteGroup, SERVER_LIMITS, type ServerContext } from './context.ts';
import { type ErrorPages, errorHandler, notFound } from './errors.ts';
import { listsOf } from './lists/index.ts';
import { createMetrics } from './metrics.ts';
import { openSessions } from './sessions.ts';

const MINUTE_MILLISECONDS = 60_000;
const IDLE_MILLISECONDS = 50;
/** How long answers may take when the server closes, and who never asked anything stays. */
const CLOSE_MILLISECONDS = 5_000;
/** How often it is looked for connections whose headers do not come. */
const CHECK_MILLISECONDS = 5_000;
const HEADER_BYTES = 16 * 1024;
const PARAMETER_CHARACTERS = 512;

export type ServerOptions = Omit<ServerContext, 'access' | 'sessions' | 'stopping' | 'limits' | 'lists'> & {
  /** Read where they are asked, of the store, when not given. */
  readonly lists?: ServerContext['lists'];
  readonly limits?: Partial<ServerContext['limits']>;
  /** Addresses or networks of proxies whose X-Forwarded-For is believed. None when not given. */
  readonly trustedProxies?: readonly string[];
  /** Certificate and key in PEM; without them plain HTTP. */
  readonly tls?: { readonly cert: string; readonly key: string };
  /** What failures look like to people; without it they are JSON. */
  readonly errorPages?: ErrorPages;
};

/** A server that does not listen yet: `app` is fastify's, for tests (inject) and whoever embeds it. */
export type Server = {
  readonly app: App;
  /** Listens; port 0 takes a free one. Gives the address it is reached at. Throws LISTEN_FAILED. */
  readonly listen: (place: { readonly host: string; readonly port: number }) => Promise<string>;
  /** Takes no more requests, ends followers, lets the rest finish for some seconds, and closes. */
  readonly close: () => Promise<void>;
};

/** Makes the app with every group of routes under the base path. */
export async function createServer(options: ServerOptions, groups: readonly RouteGroup[]): Promise<Server> {
  const limits = { ...SERVER_LIMITS, ...options.limits };
  const stopping = new AbortController();
  const sessions = openSessions({
    store: options.store.access,
    now: options.now,
    seconds: limits.sessionSeconds,
    path: options.basePath,
    secure: options.tls !== undefined || options.publicUrl?.startsWith('https:') === true,
  });
  const { failuresPerMinute } = limits;
  const access = serverAccess(options.store.access, { ...options, sessions, failuresPerMinute });
  const lists = options.lists ?? listsOf(options.store);
  const context: ServerContext = { ...options, limits, lists, access, sessions, stopping: stopping.signal };
  const app = openApp(options, limits);
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  const show = options.errorPages?.(context);
  app.setErrorHandler(errorHandler(options.log, show === undefined ? undefined : { basePath: options.basePath, show }));
  app.setNotFoundHandler(notFound);
  readJsonBodies(app, limits);
  const metrics = createMetrics(context);
  app.addHook('onResponse', async (request, reply) => metrics.observe(request, reply));
  endLateBodies(app, limits.bodySeconds);
  if (limits.connectionsPerAddress > 0 && !hasProxies(options)) limitConnections(app, limits.connectionsPerAddress);
  await shapeAnswers(app, options);
  if (limits.requestsPerMinute > 0) await limitRequests(app, limits.requestsPerMinute);
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Reproof', version: options.version, description: 'See docs/api.md.' },
      components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
      ...(options.publicUrl === undefined ? {} : { servers: [{ url: new URL(options.publicUrl).origin }] }),
    },
    transform: jsonSchemaTransform,
    transformObject: jsonSchemaTransformObject,
  });
  for (const group of [metrics.routes, ...groups])
    await app.register(scoped(group, context), { prefix: options.basePath });
  app.addHook('preClose', async () => stopping.abort());
  return {
    app,
    listen: async (place) => {
      try {
        return await app.listen(place);
      } catch (cause) {
        throw new ReproofError(
          'LISTEN_FAILED',
          `listening on ${place.host}:${place.port}: ${(cause as Error).message}`,
          {
            cause,
          },
        );
      }
    },
    close: async () => {
      const closed = app.server.listening ? once(app.server, 'close') : undefined;
      // A connection whose last answer ends only now would be kept for its client's next request.
      const idle = setInterval(() => app.server.closeIdleConnections(), IDLE_MILLISECONDS);
      const late = setTimeout(() => app.server.closeAllConnections(), CLOSE_MILLISECONDS);
      try {
        await app.close();
        await closed;
      } finally {
        clearInterval(idle);
        clearTimeout(late);
      }
    },
  };
}

function openApp(options: ServerOptions, limits: ServerContext['limits']): App {
  const { tls } = options;
  const settings = {
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: PARAMETER_CHARACTERS },
    // Without a proxy that is named nothing that a client says of addresses counts.
    trustProxy: hasProxies(options) ? [...(options.trustedProxies ?? [])] : false,
    connectionTimeout: limits.idleSeconds * 1000,
    keepAliveTimeout: limits.idleSeconds * 1000,
    maxRequestsPerSocket: limits.requestsPerConnection,
    // A body's time is watched where it is read: uploads of logs last as long as builds.
    requestTimeout: 0,
    bodyLimit: limits.bodyBytes,
    return503OnClosing: true,
    forceCloseConnections: 'idle',
    requestIdHeader: false,
    exposeHeadRoutes: true,
    // For addresses that are none, such as /%zz.
    frameworkErrors: (error: unknown, request: FastifyRequest, reply: FastifyReply) =>
      void errorHandler(options.log)(error, request, reply.headers(INERT_HEADERS)),
  } satisfies FastifyServerOptions;
  const http = {
    headersTimeout: limits.headerSeconds * 1000,
    connectionsCheckingInterval: Math.min(CHECK_MILLISECONDS, limits.headerSeconds * 1000),
    maxHeaderSize: HEADER_BYTES,
  };
  const app = (tls === undefined
    ? Fastify({ ...settings, http })
    : Fastify({ ...settings, https: { ...http, ...tls } })) as unknown as App;
  app.server.maxConnections = limits.connections;
  return app;
}

function hasProxies({ trustedProxies = [] }: ServerOptions): boolean {
  return trustedProxies.length > 0;
}

/** A body that nobody reads, since its request was refused, has to end too: Node would take it for ever, byte by byte. */
function endLateBodies(app: App, seconds: number): void {
  app.addHook('onResponse', async ({ raw }) => {
    if (raw.complete || raw.destroyed) return;
    const late = setTimeout(() => raw.destroy(), seconds * 1000);
    const ended = (): void => clearTimeout(late);
    raw.once('end', ended);
    raw.once('close', ended);
  });
}

/** Nobody can take all connections alone. */
function limitConnections(app: App, perAddress: number): void {
  const open = new Map<string, number>();
  app.server.on('connection', (socket) => {
    const address = normalizeIP(socket.remoteAddress ?? '', IPV6_SUBNET);
    const others = open.get(address) ?? 0;
    if (others >= perAddress) return void socket.destroy();
    open.set(address, others + 1);
    socket.once('close', () => {
      const left = (open.get(address) ?? 1) - 1;
      if (left === 0) open.delete(address);
      else open.set(address, left);
    });
  });
}

/** For every request, what no route is for included. */
async function limitRequests(app: App, requestsPerMinute: number): Promise<void> {
  await app.register(rateLimit, { global: false });
  const count = app.createRateLimit({
    max: requestsPerMinute,
    timeWindow: MINUTE_MILLISECONDS,
    keyGenerator: addressKey,
  });
  app.addHook('onRequest', async (request, reply) => {
    const state = await count(request);
    if (state.isAllowed || !state.isExceeded) return;
    reply.header('retry-after', String(state.ttlInSeconds));
    throw new ReproofError('RATE_LIMITED', 'asking: there were too many requests of this address');
  });
}

/** A group as fastify takes it: with hooks and parsers of its own. */
function scoped(group: RouteGroup, context: ServerContext): FastifyPluginAsync {
  return async (scope) => group(scope as unknown as App, context);
}
