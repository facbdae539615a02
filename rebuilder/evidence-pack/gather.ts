import { open, readdir, readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { isPack, PACK_LIMITS, type PackLimits, readPack } from '../../attest/pack/index.ts';
import type { Evidence, Piece } from '../../attest/verify/index.ts';
import { ReproofError } from '../../model/index.ts';
import { readChunks } from './read-chunks.ts';

/** How much evidence is taken in: files of a folder, and bytes of one that is no pack. */
export type GatherLimits = { readonly files: number; readonly fileBytes: number; readonly pack: PackLimits };

export const GATHER_LIMITS: GatherLimits = { files: 4096, fileBytes: 64 * 1024 ** 2, pack: PACK_LIMITS };

/** Brings a document of an address: the only thing here that may reach a network, and only where an address is given. */
export type FetchDocument = (url: string, maxBytes: number) => Promise<Uint8Array>;

type Mutable = { packs: Evidence['packs'][number][]; bundles: Piece[]; links: Piece[]; ossRebuild: Piece[] };

/** How names of single pieces end, and what they are. What ends otherwise is for other tools. */
const ENDINGS = [
  ['.sigstore.json', 'bundles'],
  ['.link.json', 'links'],
  ['.link', 'links'],
  ['.intoto.jsonl', 'ossRebuild'],
] as const;

/**
 * Reads what is laid before the verifier: packs, folders (as `reproof evidence --extract` writes, or of pieces that
 * others published), single pieces, and addresses of any of them. Throws EVIDENCE_*, FETCH_*, USAGE for a place where
 * there is nothing.
 */
export async function gatherEvidence(
  places: readonly string[],
  fetchDocument: FetchDocument,
  limits: GatherLimits = GATHER_LIMITS,
): Promise<Evidence> {
  const found: Mutable = { packs: [], bundles: [], links: [], ossRebuild: [] };
  for (const place of places) {
    if (/^https?:\/\//.test(place))
      await take(found, { place, bytes: await fetchDocument(place, limits.pack.keptBytes) }, limits);
    else await takeFrom(found, place, limits);
  }
  return found;
}

async function takeFrom(found: Mutable, place: string, limits: GatherLimits): Promise<void> {
  const there = await stat(place).catch((cause: NodeJS.ErrnoException) => {
    throw new ReproofError('USAGE', `reading the evidence ${place}: ${cause.message}`, { cause });
  });
  if (!there.isDirectory()) {
    if (await beginsAsPack(place)) {
      found.packs.push({ place: basename(place), pack: await readPack(readChunks(place), limits.pack) });
    } else await take(found, { place, bytes: await readWhole(place, there.size, limits) }, limits);
    return;
  }
  const names = (await readdir(place)).filter((name) => kindOf(name) !== undefined).sort();
  if (names.length > limits.files)
    throw new ReproofError('EVIDENCE_LIMIT', `reading the evidence ${place}: it has more than ${limits.files} pieces`);
  if (names.length === 0)
    throw new ReproofError(
      'EVIDENCE_TYPE',
      `reading the evidence ${place}: nothing in the folder is a piece of evidence`,
    );
  for (const name of names) {
    const file = join(place, name);
    await take(found, { place: file, bytes: await readWhole(file, (await stat(file)).size, limits) }, limits);
  }
}

/** A name says what a piece is taken for; whether it is that is found when it is read. */
async function take(found: Mutable, piece: Piece, limits: GatherLimits): Promise<void> {
  if (isPack(piece.bytes)) {
    found.packs.push({ place: piece.place, pack: await readPack([piece.bytes], limits.pack) });
    return;
  }
  const kind = kindOf(piece.place);
  if (kind === undefined)
    throw new ReproofError(
      'EVIDENCE_TYPE',
      `reading the evidence ${piece.place}: it is no pack, and its name does not end in ${ENDINGS.map(([end]) => end).join(', ')}`,
    );
  found[kind].push(piece);
}

function kindOf(name: string): (typeof ENDINGS)[number][1] | undefined {
  return ENDINGS.find(([end]) => name.endsWith(end))?.[1];
}

async function beginsAsPack(file: string): Promise<boolean> {
  const handle = await open(file, 'r');
  try {
    const head = new Uint8Array(64);
    const { bytesRead } = await handle.read(head, 0, head.length, 0);
    return isPack(head.subarray(0, bytesRead));
  } finally {
    await handle.close();
  }
}

async function readWhole(file: string, size: number, limits: GatherLimits): Promise<Uint8Array> {
  if (size <= limits.fileBytes) return readFile(file);
  throw new ReproofError('EVIDENCE_LIMIT', `reading the evidence ${file}: it has more than ${limits.fileBytes} bytes`);
}
