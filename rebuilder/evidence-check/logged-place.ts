import {
  entryOf,
  type KeyLife,
  leafHash,
  rawEd25519,
  readCheckpoint,
  readNote,
  sameBytes,
  TILE_WIDTH,
  type VerifiedTree,
  verifierKey,
  verifyInclusion,
  verifyNote,
} from '../../attest/index.ts';
import { readBundle } from '../../attest/verify/index.ts';
import { isReproofError, ReproofError } from '../../model/index.ts';

/** Where the log has to have which entry. `file` is the bundle that says so, as a path in the data folder. */
export type LoggedPlace = { readonly file: string; readonly index: number; readonly leaf: Uint8Array };

/**
 * Where a statement's bundle says it is in the log, its proof verified by the keys the log ever had. `keyid` is of the key
 * that signed. Throws LOG_PROOF_INVALID, LOG_SIGNATURE_INVALID, LOG_MALFORMED, and EVIDENCE_* for what is no bundle.
 */
export function placeInLog(
  file: string,
  { bytes, keyid }: { readonly bytes: Uint8Array; readonly keyid: string },
  history: readonly KeyLife[],
): LoggedPlace {
  const bundle = readBundle(bytes);
  const entry = bundle.verificationMaterial.tlogEntries[0];
  const key = history.find((one) => one.keyid === keyid);
  if (entry === undefined || key === undefined) throw refuted('it has none');
  const body = entryOf(bundle.dsseEnvelope, key);
  if (!sameBytes(fromBase64(entry.canonicalizedBody), body)) throw refuted('it is of another signature');
  const { checkpoint, hashes, treeSize, rootHash, logIndex } = entry.inclusionProof;
  const note = readNote(Buffer.from(checkpoint.envelope));
  const { origin, ...tree } = readCheckpoint(note.text);
  const logKeys = history
    .filter(({ use }) => use === 'log')
    .map(({ publicKey }) => verifierKey(origin, 1, rawEd25519(publicKey)));
  verifyNote(note, logKeys);
  const isOne = logIndex === entry.logIndex && treeSize === String(tree.size);
  if (!isOne || !sameBytes(fromBase64(rootHash), tree.rootHash)) throw refuted('it is of another tree');
  const index = Number(logIndex);
  const leaf = leafHash(body);
  verifyInclusion({ index, size: tree.size, leaf, proof: hashes.map(fromBase64), root: tree.rootHash });
  return { file, index, leaf };
}

/** Which of these places the log does not have as they say, and why. Each bundle of entries is read once. */
export async function notInLog(
  places: readonly LoggedPlace[],
  tree: VerifiedTree,
  signal?: AbortSignal,
): Promise<readonly { readonly place: string; readonly kind: 'damaged' | 'missing'; readonly why: string }[]> {
  const faults: { place: string; kind: 'damaged' | 'missing'; why: string }[] = [];
  const byBundle = Map.groupBy(places, ({ index }) => Math.floor(index / TILE_WIDTH));
  for (const [bundle, wanted] of [...byBundle].sort(([left], [right]) => left - right)) {
    signal?.throwIfAborted();
    const entries = await entriesOf(tree, bundle);
    if (typeof entries === 'string') {
      faults.push({ place: 'log', kind: 'damaged', why: entries });
      continue;
    }
    for (const { file, index, leaf } of wanted) {
      const entry = entries[index % TILE_WIDTH];
      if (entry === undefined || !sameBytes(leafHash(entry), leaf))
        faults.push({ place: file, kind: 'missing', why: `the log does not have it as entry ${index}` });
    }
  }
  return faults;
}

/** None past the log's end; why they cannot be read where they are damaged. */
async function entriesOf(tree: VerifiedTree, bundle: number): Promise<readonly Uint8Array[] | string> {
  if (bundle * TILE_WIDTH >= tree.checkpoint.size) return [];
  try {
    return await tree.entries(bundle);
  } catch (error) {
    if (!isReproofError(error, 'LOG_CORRUPT', 'LOG_MALFORMED')) throw error;
    return error.message;
  }
}

function fromBase64(text: string): Uint8Array {
  return Buffer.from(text, 'base64');
}

function refuted(why: string): ReproofError {
  return new ReproofError('LOG_PROOF_INVALID', `verifying the proof of a statement: ${why}`);
}
