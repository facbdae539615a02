import { canonicalJson, isReproofError, ReproofError, type Sha256, sha256Of } from '../../model/index.ts';
import { ecosystems, type ListContext, type OpenedList, type PublishedList } from '../ecosystem/index.ts';
import type { ListedSource, PackageStore, Profile } from '../store/service-types.ts';
import { applyRules } from './rules.ts';
import type { SyncOutcome, SyncProfile, SyncProgress } from './types.ts';

/** Goes up when the same indices give another list: what was synced before is read again then. */
const READER_VERSION = 1;

export type SyncContext = Omit<ListContext, 'allowExpired'> & {
  readonly packages: Pick<PackageStore, 'import' | 'noteSync' | 'profiles'>;
  readonly report?: (progress: SyncProgress) => void;
};

/**
 * Brings a profile's list up to date, in one transaction at its end: what fails or is killed before changes nothing but
 * what the profile says of its last sync. Only Release files are read when all that the list is made from is what it was.
 * Throws TARGET_UNKNOWN, SETTINGS_INVALID, RELEASE_* (RELEASE_EXPIRED also for a Release file that is older than the one
 * of the last sync), INDEX_MALFORMED, FETCH_*, STORE_*, INTERRUPTED.
 */
export async function runSync(profile: SyncProfile, context: SyncContext): Promise<SyncOutcome> {
  const { packages } = context;
  await packages.noteSync(profile.name, { kind: 'started', distribution: profile.distribution });
  try {
    return await sync(profile, context);
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    await packages.noteSync(profile.name, { kind: 'failed', error: text });
    throw error;
  }
}

async function sync(profile: SyncProfile, context: SyncContext): Promise<SyncOutcome> {
  const begun = performance.now();
  const seconds = (): number => Math.round(performance.now() - begun) / 1000;
  const { packages, report, signal } = context;
  report?.({ kind: 'opening' });
  const { allowExpired } = profile;
  const list = await ecosystems[profile.distribution].list(profile, { ...context, allowExpired });
  for (const text of list.notes) report?.({ kind: 'note', text });
  const before = (await packages.profiles()).find(({ name }) => name === profile.name);
  if (!allowExpired) refuseOlder(list, before);
  const inputDigest = digestOf(profile, list);
  if (before?.inputDigest === inputDigest) {
    await packages.noteSync(profile.name, { kind: 'unchanged' });
    return { kind: 'unchanged', profile: profile.name, seconds: seconds() };
  }
  const opened = await list.open();
  for (const text of opened.notes) report?.({ kind: 'note', text });
  const notBefore = new Date(context.now.getTime() + profile.delaySeconds * 1000).toISOString();
  const counts = await packages.import(
    {
      profile: profile.name,
      distribution: profile.distribution,
      suiteDates: list.dates,
      kind: 'whole',
      // A list with a gap is read again next time.
      ...(opened.complete ? { inputDigest } : {}),
      ...(profile.delaySeconds > 0 ? { notBefore } : {}),
    },
    taken(opened, profile, { report, signal }),
  );
  return { kind: 'synced', profile: profile.name, seconds: seconds(), ...counts };
}

async function* taken(
  opened: OpenedList,
  profile: SyncProfile,
  { report, signal }: { readonly report: SyncContext['report'] | undefined; readonly signal: AbortSignal },
): AsyncGenerator<ListedSource> {
  let sources = 0;
  for await (const source of opened.sources) {
    sources += 1;
    if (sources % 1000 === 0) {
      if (signal.aborted) throw interruption(signal);
      report?.({ kind: 'reading', sources });
    }
    const left = applyRules(source, profile);
    if (left !== undefined) yield left;
  }
  if (signal.aborted) throw interruption(signal);
  report?.({ kind: 'writing' });
}

function interruption(signal: AbortSignal): ReproofError {
  return isReproofError(signal.reason)
    ? signal.reason
    : new ReproofError('INTERRUPTED', 'syncing: interrupted', { cause: signal.reason });
}

/** All that the list is made from and by. */
function digestOf(profile: SyncProfile, list: PublishedList): Sha256 {
  const { distribution, suites, architectures, components, installer, debug, include, exclude } = profile;
  const asked = { distribution, suites, architectures, components, installer, debug, include, exclude };
  return sha256Of(canonicalJson({ reader: READER_VERSION, asked, parts: list.parts }));
}

/** A mirror that went back would withdraw what is newest, and have what is old rebuilt. */
function refuseOlder(list: PublishedList, before: Profile | undefined): void {
  for (const [suite, date] of Object.entries(list.dates)) {
    const known = before?.suiteDates?.[suite];
    if (known === undefined || Date.parse(date) >= Date.parse(known)) continue;
    const message = `reading the Release file of ${suite}: it is of ${date}, and an earlier sync read one of ${known}; the mirror went back`;
    throw new ReproofError('RELEASE_EXPIRED', message, { context: { suite, date, known } });
  }
}
