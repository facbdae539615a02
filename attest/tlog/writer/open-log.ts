import { ReproofError } from '../../../model/index.ts';
import { type SignedCheckpoint, signCheckpoint, witnessesOf } from '../checkpoint.ts';
import type { LogProof } from '../entry.ts';
import { leafHash } from '../merkle.ts';
import { readSignatureLines } from '../note.ts';
import { rawEd25519, type VerifierKey, verifierKey, writeVerifierKey } from '../note-key.ts';
import { folderSource } from '../reader/tile-source.ts';
import { openTree, type VerifiedTree } from '../reader/verified-tree.ts';
import { grow, type NewEntry } from '../right-edge.ts';
import { sameBytes } from '../strict-text.ts';
import { climb } from '../tile-rows.ts';
import { MAX_ENTRY_BYTES } from '../tiles.ts';
import { commit, create, type LogState, MAX_BATCH, partialFolders, peek, publish, recover } from './commit.ts';
import type { EntryIndex } from './entry-index.ts';
import { findEntry, openKnownEntries } from './known-entries.ts';
import { removeFiles, writeFiles } from './log-files.ts';
import { readOrigin } from './origin.ts';
import type { LogOptions, WritableLog } from './types.ts';

type Waiting = NewEntry & {
  readonly resolve: (proof: LogProof) => void;
  readonly reject: (error: unknown) => void;
};

/** What is known of the folder while the lock is held: as good as what was read last, if nobody wrote since. */
type Known = {
  readonly bytes: Uint8Array;
  readonly state: LogState;
  readonly tree: VerifiedTree;
  readonly entries: EntryIndex;
};

const BATCH = { entries: MAX_BATCH, bytes: 16 * 1024 ** 2 };

/**
 * Opens a log for writing, and makes it where there is none. Several processes may have it open: each batch is written
 * under the lock, on top of what the others wrote. Throws LOG_CORRUPT, LOG_SIGNATURE_INVALID (it is another key's),
 * SETTINGS_INVALID (it has another name, or the name is none), STORE_FAILED, STORE_BUSY.
 */
export async function openLog(options: LogOptions): Promise<WritableLog> {
  const { folder, signer, lock } = options;
  const key = verifierKey(await readOrigin(options), 1, rawEd25519(signer.publicKey));
  const keys = [key, ...(options.formerKeys ?? []).map((each) => verifierKey(key.name, 1, rawEd25519(each)))];
  const limits = {
    entries: Math.min(options.batch?.entries ?? BATCH.entries, MAX_BATCH),
    bytes: options.batch?.bytes ?? BATCH.bytes,
  };
  const waiting: Waiting[] = [];
  let known: Known | undefined;
  let running: Promise<void> | undefined;
  let isClosed = false;

  const forget = (): void => {
    known?.entries.close();
    known = undefined;
  };

  const current = async (): Promise<Known> => {
    const { bytes, wasEnded } = await peek(folder);
    if (known !== undefined && bytes !== undefined && !wasEnded && sameBytes(bytes, known.bytes)) return known;
    forget();
    known = await load(folder, keys);
    return known;
  };

  const writeBatch = async (batch: readonly Waiting[]): Promise<readonly LogProof[]> => {
    const before = await current();
    const places = new Map<string, number>();
    const added: Waiting[] = [];
    const indexes: number[] = [];
    const { size } = before.state.edge;
    for (const waiter of batch) {
      const { leaf } = waiter;
      const name = Buffer.from(leaf.buffer, leaf.byteOffset, leaf.byteLength).toString('latin1');
      const candidates = before.entries.candidates(leaf);
      const known =
        places.get(name) ?? (candidates.length === 0 ? undefined : await findEntry(candidates, before.tree, leaf));
      const index = known ?? size + added.length;
      if (known === undefined) added.push(waiter);
      places.set(name, index);
      indexes.push(index);
    }
    if (added.length === 0) return await Promise.all(indexes.map((index) => proveIn(before, index)));
    return await extend(before, added, indexes);
  };

  const extend = async (
    before: Known,
    added: readonly NewEntry[],
    indexes: readonly number[],
  ): Promise<readonly LogProof[]> => {
    const growth = grow(before.state.edge, added);
    let state: LogState;
    try {
      state = await commit(folder, growth, { key, signer });
    } catch (error) {
      forget();
      // What was written of it makes room again; where that fails too, the next batch does it.
      await recover(folder, keys).catch(() => {});
      throw error;
    }
    const { size } = state.edge;
    try {
      known = await settle(folder, before, { state, added, filled: partialFolders(growth.filled) });
    } catch {
      // The entries are in the log all the same. The next batch reads everything anew.
      forget();
    }
    const proveOld = async (index: number): Promise<LogProof> => proveIn(await current(), index);
    const climbing = { find: growth.find, edges: new Map<number, Uint8Array>() };
    return await Promise.all(
      indexes.map((index) =>
        index < before.state.edge.size
          ? proveOld(index)
          : { index, signed: state.signed, proof: climb(index, size, climbing) },
      ),
    );
  };

  const run = async (): Promise<void> => {
    while (waiting.length > 0) {
      const batch = takeBatch(waiting, limits);
      try {
        const proofs = await lock.hold(() => writeBatch(batch));
        for (const [place, each] of batch.entries()) each.resolve(proofs[place] as LogProof);
      } catch (error) {
        for (const each of batch) each.reject(error);
      }
    }
    running = undefined;
  };

  const alone = async <T>(work: (now: Known) => Promise<T>): Promise<T> => {
    if (isClosed) throw new ReproofError('INTERNAL', 'using a log that is closed');
    return await lock.hold(async () => await work(await current()));
  };

  await lock.hold(async () => {
    const state = await recover(folder, keys);
    const isSigned = state?.signed.note.signatures.some(({ keyId }) => keyId === key.keyId) === true;
    if (!isSigned) {
      await writeFiles(folder, [{ path: 'log.vkey', bytes: Buffer.from(`${writeVerifierKey(key)}\n`) }]);
      if (state === undefined) await create(folder, { key, signer });
      else await publish(folder, await signCheckpoint(state.signed.checkpoint, signer));
    }
    await current();
  });

  return {
    key,
    append: (entry) => {
      if (isClosed) throw new ReproofError('INTERNAL', 'using a log that is closed');
      if (entry.length > MAX_ENTRY_BYTES)
        throw new ReproofError(
          'REQUEST_TOO_LARGE',
          `logging an entry: it is of ${entry.length} bytes, ${MAX_ENTRY_BYTES} are allowed`,
        );
      return new Promise((resolve, reject) => {
        waiting.push({ entry, leaf: leafHash(entry), resolve, reject });
        // On the next turn, so that those who ask together are written together.
        running ??= new Promise((begin) => setImmediate(begin)).then(run);
      });
    },
    prove: (index) =>
      alone(async (now) => {
        if (!Number.isSafeInteger(index) || index < 0 || index >= now.state.edge.size)
          throw new ReproofError('RESOURCE_UNKNOWN', `looking for entry ${index} of a log of ${now.state.edge.size}`);
        return await proveIn(now, index);
      }),
    proveGrowth: (from) =>
      alone(async ({ state, tree }) => {
        if (!Number.isSafeInteger(from) || from < 0 || from > state.edge.size)
          throw new ReproofError(
            'RESOURCE_UNKNOWN',
            `proving growth: the log has ${state.edge.size} entries, not ${from}`,
          );
        return { signed: state.signed, proof: await tree.consistencyProof(from) };
      }),
    checkpoint: () => alone(async (now) => now.state.signed),
    addCosignatures: (lines, witnesses) =>
      alone(async ({ state }) => {
        const cosigned = addLines(state.signed, lines, witnesses);
        await publish(folder, cosigned);
        return cosigned;
      }),
    close: async () => {
      isClosed = true;
      await running;
      forget();
      await lock.close();
    },
  };
}

async function load(folder: string, keys: readonly VerifierKey[]): Promise<Known> {
  const state = await recover(folder, keys);
  const { bytes } = await peek(folder);
  if (state === undefined || bytes === undefined)
    throw new ReproofError('LOG_CORRUPT', 'opening the log: its checkpoint is gone');
  const tree = await openTree(folderSource(folder), state.signed.checkpoint);
  return { bytes, state, tree, entries: await openKnownEntries(folder, tree) };
}

type Settled = { readonly state: LogState; readonly added: readonly NewEntry[]; readonly filled: readonly string[] };

/** After a batch is published: the index learns of it, and what is of no use goes. Neither can undo it. */
async function settle(folder: string, before: Known, { state, added, filled }: Settled): Promise<Known> {
  const { size, rootHash } = state.signed.checkpoint;
  const { bytes } = await peek(folder);
  const tree = await openTree(folderSource(folder), state.signed.checkpoint);
  let { entries } = before;
  for (const [place, { leaf }] of added.entries()) entries.insert(leaf, before.state.edge.size + place);
  if (size > entries.capacity) {
    entries.close();
    entries = await openKnownEntries(folder, tree);
  } else entries.cover(size, rootHash);
  await removeFiles(folder, filled);
  return { bytes: bytes ?? new Uint8Array(), state, tree, entries };
}

async function proveIn({ state, tree }: Known, index: number): Promise<LogProof> {
  return { index, proof: await tree.inclusionProof(index), signed: state.signed };
}

function takeBatch(
  waiting: Waiting[],
  limits: { readonly entries: number; readonly bytes: number },
): readonly Waiting[] {
  let bytes = 0;
  let count = 0;
  while (count < waiting.length && count < limits.entries) {
    bytes += (waiting[count] as Waiting).entry.length;
    if (count > 0 && bytes > limits.bytes) break;
    count++;
  }
  return waiting.splice(0, count);
}

function addLines(signed: SignedCheckpoint, lines: Uint8Array, witnesses: readonly VerifierKey[]): SignedCheckpoint {
  const isKnown = ({ name, keyId }: { readonly name: string; readonly keyId: string }): boolean =>
    witnesses.some((key) => key.type === 4 && key.name === name && key.keyId === keyId);
  const given = readSignatureLines(lines).filter(isKnown);
  const alone = { ...signed, note: { ...signed.note, signatures: given } };
  if (witnessesOf(alone, witnesses).length === 0)
    throw new ReproofError(
      'LOG_SIGNATURE_INVALID',
      'adding cosignatures to a checkpoint: none is of a witness that was named',
    );
  const newest = new Map(given.map((line) => [`${line.name} ${line.keyId}`, line]));
  const kept = signed.note.signatures.filter(({ name, keyId }) => !newest.has(`${name} ${keyId}`));
  return { ...signed, note: { ...signed.note, signatures: [...kept, ...newest.values()] } };
}
