import type {
  FastifyBaseLogger,
  FastifyInstance,
  FastifyRequest,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { LiveLogs } from '../live-logs.ts';
import type { Role, Token } from '../store/access/types.ts';
import type { BlobStore, ServiceStore } from '../store/index.ts';
import type { Lists } from './lists/index.ts';
import type { Pieces } from './pieces/index.ts';
import type { ServerLog } from './server-log.ts';
import type { Sessions } from './sessions.ts';

export type { ServerLog } from './server-log.ts';

/** The app that routes are added to: `schema` may hold zod schemas, and types follow from them. */
export type App = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  ZodTypeProvider
>;

/** What a client may use up. Bytes and seconds. A route may have its own body limits: see body.ts. */
export type ServerLimits = {
  /** Of a JSON body as it comes over the wire, and unpacked. */
  readonly bodyBytes: number;
  readonly unpackedBytes: number;
  readonly jsonDepth: number;
  /** For the headers of a request; for a JSON body; without any progress on a connection. */
  readonly headerSeconds: number;
  readonly bodySeconds: number;
  readonly idleSeconds: number;
  readonly connections: number;
  /** Of one address (of one /64), where no proxy is named; 0: no limit. */
  readonly connectionsPerAddress: number;
  readonly requestsPerConnection: number;
  /** Requests of one address (of one /64) in a minute; 0: no limit. */
  readonly requestsPerMinute: number;
  /** Wrong tokens of one address in a minute. */
  readonly failuresPerMinute: number;
  /** Open log followers: all, and of one address. */
  readonly followers: number;
  readonly followersPerAddress: number;
  /** How long somebody who signed in stays so. */
  readonly sessionSeconds: number;
};

export const SERVER_LIMITS: ServerLimits = {
  bodyBytes: 1024 ** 2,
  unpackedBytes: 4 * 1024 ** 2,
  jsonDepth: 32,
  headerSeconds: 15,
  bodySeconds: 120,
  idleSeconds: 60,
  connections: 8192,
  connectionsPerAddress: 4096,
  requestsPerConnection: 100_000,
  requestsPerMinute: 12_000,
  failuresPerMinute: 10,
  followers: 4096,
  followersPerAddress: 4096,
  sessionSeconds: 8 * 3600,
};

/** Who may do what in a request. */
export type ServerAccess = {
  /**
   * The `onRequest` hook of a route that needs a role: `{ onRequest: access.require('operator') }`. `reader` lets
   * everybody in while reading is public. A token comes as `Authorization: Bearer TOKEN` or `X-Auth-Cookie: TOKEN`.
   * Throws ACCESS_REQUIRED, ACCESS_DENIED, RATE_LIMITED.
   */
  readonly require: (role: Role) => (request: FastifyRequest) => Promise<void>;
  /**
   * Whose valid token a request carries; undefined without one, and with a wrong one. Who signed in in a browser reads
   * with its session; changing with it takes a form's own proof (operator/signed-in.ts).
   */
  readonly tokenOf: (request: FastifyRequest) => Promise<Token | undefined>;
  /** The valid token of a text that somebody gave in another way. Wrong ones count. Throws RATE_LIMITED. */
  readonly tokenOfSecret: (request: FastifyRequest, secret: string) => Promise<Token | undefined>;
  /** The same for a request that a hook of `require` let in, for the audit log: token:NAME, or public. */
  readonly actorOf: (request: FastifyRequest) => string;
};

/** All that routes work with. */
export type ServerContext = {
  readonly store: ServiceStore;
  readonly blobs: BlobStore;
  /** Parts of lists, read and told in JSON. */
  readonly lists: Lists;
  /** Logs and trees of differences, readable a part at a time. */
  readonly pieces: Pieces;
  readonly liveLogs: LiveLogs;
  readonly access: ServerAccess;
  readonly sessions: Sessions;
  readonly limits: ServerLimits;
  readonly now: () => Date;
  readonly log: ServerLog;
  /** This product's version. */
  readonly version: string;
  /** Where routes are mounted: empty, or such as /amd64. */
  readonly basePath: string;
  /** The address people reach the base path at, without a slash at its end; undefined: as each request names it. */
  readonly publicUrl?: string;
  readonly publicReading: boolean;
  /** Aborted when the server stops: what is long (followers) ends. */
  readonly stopping: AbortSignal;
};

/** A group of routes, added under the base path. It may have hooks, parsers and an error handler of its own. */
export type RouteGroup = (app: App, context: ServerContext) => void | Promise<void>;
