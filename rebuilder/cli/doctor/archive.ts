import { ReproofError } from '../../../model/index.ts';
import { runProgram } from '../../../programs/index.ts';
import { openFetcher } from '../../fetch/index.ts';
import type { Settings } from '../settings.ts';
import { type Check, fail, ok, warn } from './check.ts';

const PATIENCE_MILLISECONDS = 20_000;
const MAX_RELEASE_BYTES = 4 * 1024 ** 2;
const DEFAULT_MIRROR = 'http://deb.example.org/debian';
const DAY_MILLISECONDS = 86_400_000;

/** The mirror: stable's InRelease is fetched and its signature checked; its date says whether the clock can be right. */
export async function checkArchive(settings: Settings, signal: AbortSignal): Promise<readonly Check[]> {
  const mirror = settings.mirror ?? DEFAULT_MIRROR;
  const either = AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MILLISECONDS)]);
  try {
    const fetcher = openFetcher({ cacheFolder: settings.cache, proxy: settings.proxy, tries: 1, stallSeconds: 15 });
    try {
      const url = `${mirror}/dists/stable/InRelease`;
      const document = await fetcher.fetchDocument(url, { maxBytes: MAX_RELEASE_BYTES, signal: either });
      const file = await fetcher.cached(document.sha256);
      const signed = file !== undefined && (await hasGoodSignature(file.path, settings.keyring, either));
      const date = releaseDate(document.bytes);
      return [
        signed
          ? ok('mirror', `${mirror}, stable of ${date?.toISOString().slice(0, 10) ?? 'no date'}, signature good`)
          : fail(
              'mirror',
              `${mirror}: stable's InRelease has no good signature by a key of ${settings.keyring}`,
              'try another mirror, or name the keyring of this archive with --keyring',
            ),
        ...(signed && date !== undefined ? [checkClock(date, new Date())] : []),
      ];
    } finally {
      await fetcher.close();
    }
  } catch (error) {
    if (!(error instanceof ReproofError)) throw error;
    if (signal.aborted) throw error;
    const why = either.aborted ? `no answer within ${PATIENCE_MILLISECONDS / 1000} s` : error.message;
    return [fail('mirror', `${mirror}: ${why}`, 'look at the network and proxy, or name a mirror with --mirror')];
  }
}

async function hasGoodSignature(path: string, keyring: string, signal: AbortSignal): Promise<boolean> {
  try {
    const limits = { wallSeconds: 20, outputBytes: MAX_RELEASE_BYTES };
    return (await runProgram(['gpgv', '--keyring', keyring, path], { limits, signal })).status === 0;
  } catch {
    return false;
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

function releaseDate(bytes: Uint8Array): Date | undefined {
  const text = /^Date: (.{1,64})$/m.exec(Buffer.from(bytes).toString('latin1'))?.[1];
  const date = new Date(text ?? '');
  return Number.isNaN(date.getTime()) ? undefined : date;
}
