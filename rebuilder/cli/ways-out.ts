import type { ErrorCode } from '../../model/index.ts';

/** What a person can do about an error, by its code. Codes whose message says it all are left out. */
export const WAYS_OUT: Readonly<Partial<Record<ErrorCode, string>>> = {
  USAGE: 'see reproof --help',
  SETTINGS_INVALID: 'docs/settings.md describes every setting',
  TARGET_SYNTAX: 'name debian:NAME or debian:NAME=VERSION, or a .dsc or .buildinfo by path or address',
  TARGET_UNKNOWN: 'look at the spelling, or name another suite with --suite',
  RECORD_UNKNOWN: 'reproof list shows the rebuilds there are',
  ARCHIVE_LIMIT: 'the package is beyond what is unpacked; its bytes were compared all the same',
  BUILDINFO_INVALID: 'look at the .buildinfo file; it was not what deb-buildinfo(5) describes',
  DSC_INVALID: 'look at the .dsc file; it was not what dsc(5) describes',
  ENVIRONMENT_MISMATCH: 'the same lock gave another root file system here; reproof cache prune, then try again',
  FETCH_DIGEST_MISMATCH:
    'not the bytes that the signed index or the .dsc names; they were not used; try another mirror with --mirror',
  FETCH_SIZE_MISMATCH:
    'not the bytes that the signed index names; they were not used; try another mirror with --mirror',
  FETCH_REDIRECT_REFUSED: 'name the address it leads to with --mirror, if you trust it',
  INDEX_MALFORMED: 'try another mirror with --mirror',
  RELEASE_EXPIRED: 'check the clock, try another mirror, or say --allow-expired-release for an old one on purpose',
  RELEASE_MALFORMED: 'try another mirror with --mirror',
  RELEASE_SIGNATURE_INVALID: 'try another mirror, or name the keyring of this archive with --keyring',
  CACHE_MISSING: 'the cache was emptied, or is another one; begin the rebuild anew with reproof rebuild',
  ENGINE_FAILED: 'reproof doctor looks at the engine',
  ENGINE_UNAVAILABLE: 'reproof doctor looks at the engine',
  ENVIRONMENT_FAILED: 'reproof doctor looks at the engine and the disk',
  FETCH_FAILED: 'look at the network and proxy, or try another mirror with --mirror; what was fetched is kept',
  FETCH_NOT_FOUND: 'try another mirror with --mirror; old versions are at --snapshot',
  FETCH_TIMEOUT: 'try again, what was fetched is kept; fetch.stall in the settings is how long is waited',
  KEYRING_MISSING: 'apt install debian-archive-keyring, or name a keyring with --keyring',
  PROGRAM_MISSING: 'install it; reproof doctor lists what is needed',
  INTERNAL: 'this is a defect of reproof; run again with --debug and report what it prints',
  BLOB_CORRUPT: 'the data folder was changed or damaged; restore it, or run the rebuild again',
  STORE_BUSY: 'another reproof is writing; try again',
  STORE_CORRUPT: 'the data folder was changed or damaged; restore it, or name another with --data',
  STORE_FAILED: 'look at the disk and the rights of the data folder, or name another with --data',
  STORE_VERSION: 'the data folder is of another version of reproof; use that one, or name another with --data',
  INTERRUPTED: 'reproof list shows what is unfinished, reproof resume ID goes on with it',
};
