import { isReproofError, ReproofError, type Sha256, type Verification } from '../../../model/index.ts';
import type { Fetcher } from '../../fetch/types.ts';
import { type ArchiveName, archiveOf, type Mirrors } from './mirrors.ts';
import { isSuiteName, parseRelease, type Release } from './release-file.ts';
import { verifyClearSigned } from './release-signature.ts';

/** A suite whose Release file was verified: what everything else about it is checked by. */
export type VerifiedSuite = {
  readonly archive: ArchiveName;
  /** Its name for the record and under dists/: the codename, such as trixie, sid, trixie-security. */
  readonly suite: string;
  /** The name that was asked for, such as stable. */
  readonly asked: string;
  /** The archive's root on the mirror, without a trailing slash. */
  readonly baseUrl: string;
  /** Where its Release file lies: paths of the Release are under this, without a trailing slash. */
  readonly suiteUrl: string;
  /** Of InRelease as it was served. */
  readonly inRelease: Sha256;
  readonly release: Release;
  readonly verification: Extract<Verification, { kind: 'release' }>;
  readonly notes: readonly string[];
};

export type OpenSuiteOptions = {
  readonly fetcher: Fetcher;
  readonly mirrors: Mirrors;
  /** Codename or class (stable, testing, …), also with -security, -updates, -backports and the like. */
  readonly suite: string;
  /** Path of the keyring to trust; DEBIAN_KEYRING usually. */
  readonly keyring: string;
  /** Takes a Release whose Valid-Until has passed, and records that it did. */
  readonly allowExpired: boolean;
  readonly now: Date;
  readonly signal: AbortSignal;
};

const MAX_RELEASE_BYTES = 16 * 1024 * 1024;
const DAY_MILLISECONDS = 24 * 60 * 60 * 1000;

/** The archive's root for a suite. Throws TARGET_SYNTAX for what is no suite's name, SETTINGS_INVALID without a mirror. */
function locateSuite(mirrors: Mirrors, suite: string): { archive: ArchiveName; baseUrl: string } {
  if (!isSuiteName(suite)) {
    throw new ReproofError('TARGET_SYNTAX', `reading the suite's name: it is none: ${suite.slice(0, 100)}`);
  }
  const archive = archiveOf(suite);
  const baseUrl = mirrors[archive];
  if (baseUrl === undefined) {
    throw new ReproofError('SETTINGS_INVALID', `opening suite ${suite}: no mirror of the archive ${archive} is known`);
  }
  return { archive, baseUrl: baseUrl.replace(/\/+$/, '') };
}

/**
 * The same suite under its codename, when the mirror's Release there is newer: while a point release reaches a mirror,
 * `stable` may still be the old one where `trixie` is the new one. Undefined where it is not there, or not newer.
 */
async function newerByCodename(options: OpenSuiteOptions, alias: Release): Promise<VerifiedSuite | undefined> {
  if (alias.codename === undefined || alias.codename === options.suite) return undefined;
  try {
    const named = await openSuite({ ...options, suite: alias.codename });
    return Date.parse(named.release.date) > Date.parse(alias.date) ? named : undefined;
  } catch (error) {
    if (!isReproofError(error) || error.code === 'INTERRUPTED') throw error;
    return undefined;
  }
}

/**
 * Fetches a suite's InRelease, checks its signature, that it is the suite asked for and that it is still valid.
 * Throws as Fetcher.fetchDocument and verifyClearSigned do; RELEASE_MALFORMED, also when the Release is another suite's
 * (a mirror that serves an old suite's signed file under a new name); RELEASE_EXPIRED unless allowExpired;
 * TARGET_SYNTAX; SETTINGS_INVALID when no mirror of its archive is known.
 */
export async function openSuite(options: OpenSuiteOptions): Promise<VerifiedSuite> {
  const { suite: asked, keyring, signal, now } = options;
  const { archive, baseUrl } = locateSuite(options.mirrors, asked);
  const suiteUrl = `${baseUrl}/dists/${asked}`;
  const document = await options.fetcher.fetchDocument(`${suiteUrl}/InRelease`, {
    maxBytes: MAX_RELEASE_BYTES,
    signal,
  });
  const { origin, pathname } = new URL(document.url);
  const name = `InRelease of ${asked} from ${origin}${pathname}`;
  const { text, signedBy } = await verifyClearSigned(document.bytes, { keyring, name, signal });
  const release = parseRelease(text, name);

  if (release.codename !== asked && release.suite !== asked) {
    const found = `Codename ${release.codename ?? 'unknown'}, Suite ${release.suite ?? 'unknown'}`;
    throw new ReproofError('RELEASE_MALFORMED', `reading ${name}: it is another suite's: ${found}`);
  }
  const newer = await newerByCodename(options, release);
  if (newer !== undefined) return { ...newer, asked };
  const expired = release.validUntil !== undefined && Date.parse(release.validUntil) < now.getTime();
  if (expired && !options.allowExpired) {
    throw new ReproofError('RELEASE_EXPIRED', `reading ${name}: it was valid until ${release.validUntil}`, {
      context: { suite: asked, validUntil: release.validUntil },
    });
  }
  const suite = release.codename ?? asked;
  return {
    archive,
    suite,
    asked,
    baseUrl,
    suiteUrl,
    inRelease: document.sha256,
    release,
    verification: {
      kind: 'release',
      archive,
      suite,
      sha256: document.sha256,
      signedBy,
      keyring,
      date: release.date,
      ...(release.validUntil === undefined ? {} : { validUntil: release.validUntil }),
      expired,
    },
    notes:
      Date.parse(release.date) > now.getTime() + DAY_MILLISECONDS
        ? [`the Release file of ${suite} is dated in the future: ${release.date}; this machine's clock may be wrong`]
        : [],
  };
}
