import { setTimeout as sleep } from 'node:timers/promises';
import type { PackageStore } from '../store/service-types.ts';
import type { SyncOutcome, SyncProfile } from './types.ts';

export type ScheduledProfile = { readonly profile: SyncProfile; readonly everySeconds: number };

export type ScheduleEvent =
  | { readonly kind: 'started'; readonly profile: string }
  | { readonly kind: 'ended'; readonly profile: string; readonly outcome: SyncOutcome }
  | { readonly kind: 'failed'; readonly profile: string; readonly error: unknown };

export type ScheduleOptions = {
  readonly profiles: readonly ScheduledProfile[];
  readonly packages: Pick<PackageStore, 'profiles' | 'noteSync'>;
  /** One sync: syncInChild, so that it is not felt here. */
  readonly run: (profile: SyncProfile, signal: AbortSignal) => Promise<SyncOutcome>;
  /** Whether this is the one of several servers that syncs: asked once a minute or more often, while a sync runs too. */
  readonly mayRun?: () => Promise<boolean>;
  readonly report?: (event: ScheduleEvent) => void;
  readonly now?: () => Date;
  /** Waits so long, or until `signal` aborts. */
  readonly wait?: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  readonly signal: AbortSignal;
};

/** Longer waits are cut into such pieces: a clock that is set is seen then, and timers have an end at 2^31 ms. */
const LONGEST_WAIT_MILLISECONDS = 60_000;
/** How often it is asked whether another server still does it, and said that this one does. */
const TURN_MILLISECONDS = 20_000;

/**
 * Syncs each profile again so many seconds after its last sync ended, well or not, one at a time; one that was never synced
 * comes at once. Goes on over failures, which are kept with the profile. `stopped` settles after `signal` aborted and the
 * sync that ran then has ended; it rejects when the store itself fails.
 */
export function startSyncSchedule(options: ScheduleOptions): { readonly stopped: Promise<void> } {
  return { stopped: keep(options) };
}

async function keep(options: ScheduleOptions): Promise<void> {
  const { profiles, signal, now = () => new Date(), wait = waitFor, mayRun = async () => true } = options;
  /** When this process last ended a sync, whatever the store could keep of it. */
  const ended = new Map<string, number>();
  while (!signal.aborted && profiles.length > 0) {
    if (!(await mayRun())) {
      await wait(TURN_MILLISECONDS, signal);
      continue;
    }
    const next = await nextOf(options, ended);
    const left = next.at - now().getTime();
    if (left > 0) {
      await wait(Math.min(left, LONGEST_WAIT_MILLISECONDS), signal);
      continue;
    }
    const keeping = setInterval(() => void mayRun().catch(() => {}), TURN_MILLISECONDS);
    await runOne(next.profile, options).finally(() => clearInterval(keeping));
    ended.set(next.profile.name, now().getTime());
  }
}

async function waitFor(milliseconds: number, signal: AbortSignal): Promise<void> {
  await sleep(milliseconds, undefined, { signal }).catch(() => {});
}

async function nextOf(
  { profiles, packages }: ScheduleOptions,
  ended: ReadonlyMap<string, number>,
): Promise<{ readonly profile: SyncProfile; readonly at: number }> {
  const finished = new Map((await packages.profiles()).map((known) => [known.name, known.finishedAt]));
  const times = profiles.map(({ profile, everySeconds }) => {
    const last = Math.max(ended.get(profile.name) ?? 0, Date.parse(finished.get(profile.name) ?? '1970-01-01'));
    return { profile, at: last + everySeconds * 1000 };
  });
  return times.reduce((soonest, each) => (each.at < soonest.at ? each : soonest));
}

async function runOne(profile: SyncProfile, { packages, run, report, signal }: ScheduleOptions): Promise<void> {
  const before = await finishOf(profile, packages);
  report?.({ kind: 'started', profile: profile.name });
  try {
    const outcome = await run(profile, signal);
    report?.({ kind: 'ended', profile: profile.name, outcome });
  } catch (error) {
    if (signal.aborted) return;
    // A sync that was killed could not say so itself.
    if ((await finishOf(profile, packages)) === before) {
      const text = error instanceof Error ? error.message : String(error);
      await packages.noteSync(profile.name, { kind: 'failed', error: text });
    }
    report?.({ kind: 'failed', profile: profile.name, error });
  }
}

async function finishOf(profile: SyncProfile, packages: ScheduleOptions['packages']): Promise<string | undefined> {
  return (await packages.profiles()).find(({ name }) => name === profile.name)?.finishedAt;
}
