import { ReproofError } from '../../../model/index.ts';
import { mirrorsFor } from '../../ecosystem/debian/mirrors.ts';
import { openSuite } from '../../ecosystem/debian/release.ts';
import { openFetcher } from '../../fetch/index.ts';
import type { Settings } from '../settings.ts';
import { type Check, fail, ok, warn } from './check.ts';

const PATIENCE_MILLISECONDS = 20_000;
const DAY_MILLISECONDS = 86_400_000;

/** The mirror: stable's Release is fetched and verified as a rebuild does; its date says whether the clock can be right. */
export async function checkArchive(settings: Settings, signal: AbortSignal): Promise<readonly Check[]> {
  const patience = AbortSignal.timeout(PATIENCE_MILLISECONDS);
  const now = new Date();
  let mirror = settings.mirror ?? 'the mirror';
  try {
    const { mirror: given, snapshot: snapshotBase, cache: cacheFolder, keyring, proxy } = settings;
    const { mirrors, origin } = await mirrorsFor({ mirror: given, aptFolder: '/etc/apt', snapshotBase, now });
    mirror = `${mirrors.debian} (${origin === 'apt' ? "from apt's sources" : origin})`;
    const fetcher = openFetcher({ cacheFolder, proxy, tries: 1, stallSeconds: 15 });
    try {
      const either = AbortSignal.any([signal, patience]);
      const options = { fetcher, mirrors, suite: 'stable', keyring, allowExpired: true, now, signal: either };
      const { suite, release, verification } = await openSuite(options);
      const detail = `${mirror}, ${suite} of ${release.date.slice(0, 10)}, signature good`;
      const todo = 'check the clock, or name another mirror with --mirror';
      return [
        verification.expired
          ? warn('mirror', `${detail}, but valid until ${release.validUntil}`, todo)
          : ok('mirror', detail),
        checkClock(new Date(release.date), now),
      ];
    } finally {
      await fetcher.close();
    }
  } catch (error) {
    if (!(error instanceof ReproofError) || signal.aborted) throw error;
    const why = patience.aborted ? `no answer within ${PATIENCE_MILLISECONDS / 1000} s` : error.message;
    const todo =
      error.code === 'RELEASE_SIGNATURE_INVALID'
        ? 'try another mirror, or name the keyring of this archive with --keyring'
        : 'look at the network and proxy, or name a mirror with --mirror';
    return [fail('mirror', `${mirror}: ${why}`, todo)];
  }
}

/** A clock before the archive's newest date is wrong; a year after it, either is. */
export function checkClock(release: Date, now: Date): Check {
  const text = `${now.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  const days = (now.getTime() - release.getTime()) / DAY_MILLISECONDS;
  if (days < -1) return fail('clock', `${text} is before the mirror's date`, 'set the clock');
  if (days > 365) return warn('clock', `${text} is a year after the mirror's date`, 'look at the clock and the mirror');
  return ok('clock', text);
}
