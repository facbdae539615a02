export { addressKey } from './access.ts';
export { IMMUTABLE } from './answers.ts';
export { evidenceRoutes } from './api/evidence.ts';
export { registerApi } from './api/index.ts';
export { statementRoutes } from './api/statements.ts';
export { openBody } from './body.ts';
export {
  type App,
  type RouteGroup,
  SERVER_LIMITS,
  type ServerAccess,
  type ServerContext,
  type ServerLimits,
  type ServerLog,
} from './context.ts';
export { createServer, type Server, type ServerOptions } from './create-server.ts';
export { openDashboard } from './dashboard/index.ts';
export { inertBytes, inertText } from './inert-text.ts';
export { type Lists, listsOf, openLists } from './lists/index.ts';
export { logFileRoutes } from './log-files.ts';
export { openPieces, type Pieces } from './pieces/index.ts';
export { preparingResults } from './preparing-results.ts';
export { readZstd } from './read-zstd.ts';
export { type RebuilderdOptions, registerRebuilderd } from './rebuilderd/index.ts';
export { readHostReport } from './schemas/host.ts';
export { type BlobAnswer, sendBlob } from './send-blob.ts';
export { runWebhooks, signatureOf, tellWebhooks, type WebhookSender } from './webhooks.ts';
export { type WorkerRoutesOptions, workerRoutes } from './worker/index.ts';
