import { join } from 'node:path';
import { bundleEntry, entryOf, type Keys, type KeysOptions, openKeys } from '../../attest/index.ts';
import { openTransparencyLog } from '../open-transparency-log.ts';
import { type BlobStore, openBlobs, openStatementFiles } from '../store/index.ts';
import { openEvidence } from './open-evidence.ts';
import type { EvidenceKeeper, StatementLog } from './types.ts';

/** What evidence is signed with where that is not of the data folder, and what its log is called. */
export type EvidenceSettings = {
  readonly keys?: Pick<KeysOptions, 'given' | 'passphrase'>;
  /** The log's name; undefined: as it is, or one made of its key. */
  readonly origin?: string;
};

/** Where the evidence of a data folder is, and what it is signed with. */
export type DataEvidenceOptions = EvidenceSettings & { readonly dataFolder: string; readonly now: () => Date };

/** The keys of a data folder. */
export function dataKeys({ dataFolder, keys, now }: DataEvidenceOptions): Keys {
  return openKeys({ folder: join(dataFolder, 'keys'), now, ...keys });
}

/**
 * The evidence of a data folder: DATA/keys, DATA/log and DATA/statements. Nothing is made or opened before it is needed.
 * A process opens it once, for its lock is the process's.
 */
export function openDataEvidence(options: DataEvidenceOptions): EvidenceKeeper {
  const keys = dataKeys(options);
  let blobs: Promise<BlobStore> | undefined;
  return openEvidence({
    files: openStatementFiles(join(options.dataFolder, 'statements')),
    keys,
    openLog: () => openDataLog(options, keys),
    locate: async (sha256) => {
      blobs ??= openBlobs(join(options.dataFolder, 'blobs'));
      return (await blobs).path(sha256);
    },
  });
}

async function openDataLog({ dataFolder, origin }: DataEvidenceOptions, keys: Keys): Promise<StatementLog> {
  const log = await openTransparencyLog(dataFolder, { keys, origin });
  return {
    append: async (envelope, key) => {
      const entry = entryOf(envelope, key);
      return bundleEntry(entry, await log.append(entry), log.key);
    },
    close: () => log.close(),
  };
}
