import type { LinkSigner } from '../../../attest/index.ts';
import type { RetryPolicy } from '../../store/results/types.ts';
import type { App, RouteGroup } from '../context.ts';
import { tellAs } from './answers.ts';
import { registerMeta } from './meta-v1.ts';
import { registerOldReads } from './reads-v0.ts';
import { registerReads } from './reads-v1.ts';
import { createReports } from './take-report.ts';
import { rebuilderdWorkers } from './workers.ts';
import { registerOldWrites } from './writes-v0.ts';
import { registerWrites } from './writes-v1.ts';

export type RebuilderdOptions = {
  /** Signs what this server itself compared. */
  readonly signer: LinkSigner;
  /** What a worker has to know to register. Undefined: none may. */
  readonly signupSecret?: string;
  /** When builds of those workers are tried again. */
  readonly retry: RetryPolicy;
};

/** rebuilderd's API, both generations at once, under /api/v0/ and /api/v1/: its clients and workers need no change. */
export function registerRebuilderd(options: RebuilderdOptions): RouteGroup {
  return async (app, context) => {
    const { signer } = options;
    const workers = rebuilderdWorkers(context, options.signupSecret);
    const reports = createReports(context, options.retry);
    await app.register(
      async (scope) => {
        const v1 = scope as unknown as App;
        tellAs(v1, 'v1');
        registerReads(v1, context, signer);
        registerMeta(v1, context);
        registerWrites(v1, context, { workers, reports });
      },
      { prefix: '/api/v1' },
    );
    await app.register(
      async (scope) => {
        const v0 = scope as unknown as App;
        tellAs(v0, 'v0');
        registerOldReads(v0, context, signer);
        registerOldWrites(v0, context, { workers, reports });
      },
      { prefix: '/api/v0' },
    );
  };
}
