import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { openPoster } from './fetch/index.ts';
import { startSchedule } from './queue/index.ts';
import { keepRetention, retentionInChild } from './retention/index.ts';
import { runWebhooks } from './server/index.ts';
import type { ServiceOptions } from './service-options.ts';
import type { DutyName } from './store/duties.ts';
import type { ServiceStore } from './store/index.ts';
import { startSyncSchedule, syncInChild } from './sync/index.ts';

/** How often leases that ended are looked for, where nothing else is said. */
const REAP_SECONDS = 15;
const REVERIFY_SECONDS = 600;
/** A server that syncs says so once a minute. */
const SYNC_HELD_SECONDS = 180;
const DAY_NOTED_SECONDS = 900;
const WEBHOOK_PAUSE_MILLISECONDS = 5_000;

/**
 * What nobody asks for: syncs, leases that ended, old verdicts, days, webhooks, and deleting what is old. Of several
 * servers over one database one syncs, looks at old verdicts again and deletes. Gives what stops it all.
 */
export function startBackground(
  options: ServiceOptions,
  { store, poster }: { readonly store: ServiceStore; readonly poster: ReturnType<typeof openPoster> },
): () => Promise<void> {
  const { log, now } = options.server;
  const stopping = new AbortController();
  const { signal } = stopping;
  const failed = (message: string) => (error: unknown) =>
    log({ level: 'error', message, facts: { error: error instanceof Error ? error.message : String(error) } });
  const holder = `${hostname()} ${randomUUID()}`;
  /** Where the store cannot say, another may have the duty. */
  const has = (name: DutyName, seconds: number) =>
    store.duties.take(name, holder, seconds).catch((error: unknown) => {
      failed(`taking the duty ${name} failed`)(error);
      return false;
    });
  const schedule = startSchedule({
    jobs: store.jobs,
    ...(options.reverify === undefined ? {} : { reverify: options.reverify }),
    mayReverify: () => has('reverification', 2 * REVERIFY_SECONDS),
    reapSeconds: options.leases?.reapSeconds ?? REAP_SECONDS,
    reverifySeconds: REVERIFY_SECONDS,
    now,
    onError: failed('the schedule of the queue failed'),
  });
  const syncs = startSyncSchedule({
    profiles: options.profiles,
    packages: store.packages,
    run: (profile, until) => syncInChild(options.syncTask(profile), until),
    mayRun: () => has('sync', SYNC_HELD_SECONDS),
    report: (event) =>
      log({
        level: event.kind === 'failed' ? 'warn' : 'info',
        message: `a sync ${event.kind}`,
        facts: { profile: event.profile, ...(event.kind === 'failed' ? { error: String(event.error) } : {}) },
      }),
    now,
    signal,
  });
  const days = (async () => {
    while (!signal.aborted) {
      await store.packages.noteDay().catch(failed("noting the day's counts failed"));
      await sleep(DAY_NOTED_SECONDS * 1000, undefined, { signal }).catch(() => {});
    }
  })();
  const retention = startRetention(options, { store, holder, signal });
  const webhooks = runWebhooks({ store, poster, now, log, pauseMilliseconds: WEBHOOK_PAUSE_MILLISECONDS }, signal);
  return async () => {
    stopping.abort();
    const syncing = syncs.stopped.catch(failed('the schedule of syncs failed'));
    await Promise.all([schedule.stop(), syncing, days, webhooks, retention]);
    // Another server need not wait until it sees that this one is silent.
    for (const name of ['sync', 'reverification'] as const)
      await store.duties.release(name, holder).catch(failed(`releasing the duty ${name} failed`));
  };
}

/** Where no rule lets anything go, nothing is deleted by itself. */
async function startRetention(
  { dataFolder, database, retention: rules, server: { log, now } }: ServiceOptions,
  { store, holder, signal }: { readonly store: ServiceStore; readonly holder: string; readonly signal: AbortSignal },
): Promise<void> {
  if (rules === undefined || (rules.logSeconds === undefined && rules.fileSeconds === undefined)) return;
  await keepRetention(
    {
      duties: store.duties,
      holder,
      now,
      run: (until) => retentionInChild({ dataFolder, database, rules }, until),
      onDone: (pruned) => log({ level: 'info', message: 'what the rules let go was deleted', facts: { ...pruned } }),
      onError: (error) =>
        log({ level: 'error', message: 'deleting what the rules let go failed', facts: { error: String(error) } }),
    },
    signal,
  );
}
