import { overviewPage, type PlaceCounts } from '../../../dashboard/index.ts';
import type { BuiltVersion } from '../../store/packages/types.ts';
import type { Result } from '../../store/results/types.ts';
import type { Pages, Site } from './site.ts';

const REGRESSIONS = 8;
const BUILDING = 8;
const CAUSES = 10;
const REASONS = 12;
const WEEKS = 26;
const ATTEMPT_WEEKS = 8;
const DAY_MILLISECONDS = 86_400_000;
/** Longer than the slowest schedule of syncs that people set. */
const STALE_DAYS = 3;

/** What facts are read from. */
type Read = Pick<Site, 'store' | 'now'>;

/** The first page. */
export const overviewPages: Pages = (app, site) => {
  app.get('/', { onRequest: site.reader, schema: { hide: true } }, async (request, reply) =>
    site.send(request, reply, overviewPage(site.frame(request), await overviewFacts(site))),
  );
};

/** All that the first page shows. What is counted aside is counted while the rest is read. */
export async function overviewFacts(read: Read): Promise<Parameters<typeof overviewPage>[1]> {
  const { packages, results, jobs } = read.store;
  const [causes, reasons, counts, attempts, days, newest, building, queue, state, staleSince] = await Promise.all([
    packages.causes({}),
    packages.reasons({}),
    packages.counts({}),
    results.attempts({ since: weeksAgo(read, ATTEMPT_WEEKS) }),
    packages.days({ since: weeksAgo(read, WEEKS) }),
    regressions(read),
    jobs.jobs({ state: 'leased' }, { limit: BUILDING }),
    jobs.counts({}),
    jobs.state(),
    stale(read),
  ]);
  return {
    places: byPlace(counts),
    days,
    regressions: newest,
    building: building.records,
    queue: { ...queue, paused: state.paused },
    causes: causes.slice(0, CAUSES),
    reasons: reasons.slice(0, REASONS),
    attempts,
    ...(staleSince === undefined ? {} : { staleSince }),
  };
}

/** The day so many weeks ago. */
function weeksAgo({ now }: Read, weeks: number): string {
  return new Date(now().getTime() - weeks * 7 * DAY_MILLISECONDS).toISOString().slice(0, 10);
}

/** Components are one place. */
function byPlace(counts: readonly PlaceCounts[]): readonly PlaceCounts[] {
  const places = new Map<string, PlaceCounts>();
  for (const { distribution, release, architecture, good, bad, fail, unknown } of counts) {
    const key = JSON.stringify([distribution, release ?? '', architecture]);
    const before = places.get(key) ?? { good: 0, bad: 0, fail: 0, unknown: 0 };
    places.set(key, {
      distribution,
      ...(release === undefined ? {} : { release }),
      architecture,
      good: before.good + good,
      bad: before.bad + bad,
      fail: before.fail + fail,
      unknown: before.unknown + unknown,
    });
  }
  return [...places.entries()].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, place]) => place);
}

async function regressions({ store }: Read) {
  const { records } = await store.results.results(
    { change: ['regression'] },
    { sort: 'built_at', direction: 'descending', limit: REGRESSIONS },
  );
  const versions = await store.packages.versions({ names: [...new Set(records.map(({ source }) => source))] });
  return records.map((result) => ({ ...result, before: goodBefore(result, versions) }));
}

/** How many versions that were decided before this one reproduced, one after the other. */
function goodBefore(result: Result, versions: readonly BuiltVersion[]): number {
  const earlier = versions
    .filter(
      (one) =>
        one.name === result.source &&
        one.distribution === result.distribution &&
        one.release === result.release &&
        one.architecture === result.architecture &&
        one.version !== result.version &&
        one.decidedAt !== undefined &&
        one.decidedAt < result.builtAt,
    )
    .sort((left, right) => ((left.decidedAt ?? '') < (right.decidedAt ?? '') ? 1 : -1));
  const other = earlier.findIndex(({ status }) => status !== 'GOOD');
  return other === -1 ? earlier.length : other;
}

/** When the list that was looked at longest ago was, if that is too long ago. */
async function stale({ store, now }: Read): Promise<string | undefined> {
  const finished = (await store.packages.profiles()).flatMap(({ finishedAt }) => finishedAt ?? []).sort();
  const limit = new Date(now().getTime() - STALE_DAYS * DAY_MILLISECONDS).toISOString();
  return finished[0] !== undefined && finished[0] < limit ? finished[0] : undefined;
}
