import { createHash } from 'node:crypto';
import { ReproofError, type Sha256 } from '../../model/index.ts';
import { memberOrder, PACK_HEAD, PACK_HEAD_NAME, type PackMember, readMemberName, type SingleFile } from './layout.ts';
import { ARCHIVE_END, BLOCK, paddingAfter, readMemberHeader } from './ustar.ts';

/** How much of a pack is read. `keptBytes` is all that is held in memory: artifacts are not. */
export type PackLimits = { readonly keptBytes: number; readonly members: number; readonly artifactBytes: number };

export const PACK_LIMITS: PackLimits = { keptBytes: 256 * 1024 ** 2, members: 4096, artifactBytes: 8 * 1024 ** 3 };

/** What a pack holds. Its bytes are those of their names; nothing else is known of them. */
export type Pack = {
  readonly statements: readonly Uint8Array[];
  readonly links: readonly Uint8Array[];
  readonly singles: Readonly<Partial<Record<SingleFile, Uint8Array>>>;
  readonly artifacts: readonly { readonly sha256: Sha256; readonly size: number }[];
};

/** Takes an artifact's bytes on the way. They are proven right only when readPack has returned. */
export type ArtifactSink = (artifact: { readonly sha256: Sha256; readonly size: number }) => {
  readonly write: (chunk: Uint8Array) => Promise<void>;
  readonly end: () => Promise<void>;
};

/** True for bytes that begin as every pack does. */
export function isPack(head: Uint8Array): boolean {
  return Buffer.from(head.subarray(0, PACK_HEAD_NAME.length + 1)).toString('latin1') === `${PACK_HEAD_NAME}\0`;
}

/**
 * Reads a pack as writePack makes it: members in order, each once, each the bytes its name says, zeros between, nothing
 * behind. Throws EVIDENCE_MALFORMED, EVIDENCE_LIMIT.
 */
export async function readPack(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  limits: PackLimits = PACK_LIMITS,
  sink?: ArtifactSink,
): Promise<Pack> {
  const input = new PackInput(chunks);
  await readHead(input);
  const kept = { statements: [] as Uint8Array[], links: [] as Uint8Array[] };
  const singles: Partial<Record<SingleFile, Uint8Array>> = {};
  const artifacts: { sha256: Sha256; size: number }[] = [];
  let last = '';
  let members = 0;
  let keptBytes = 0;
  for (;;) {
    const at = input.position;
    const head = readMemberHeader(await input.take(BLOCK), at);
    if (head === 'end') break;
    const order = memberOrder(head.name);
    if (order <= last) refuse(`${head.name} is out of order, or there twice`);
    last = order;
    members += 1;
    if (members > limits.members) limit(`it has more than ${limits.members} members`);
    const member = readMemberName(head.name);
    if (member.kind === 'artifacts') {
      if (head.size > limits.artifactBytes) limit(`${head.name} has more than ${limits.artifactBytes} bytes`);
      const artifact = { sha256: member.sha256, size: head.size };
      await readArtifact(input, artifact, sink);
      artifacts.push(artifact);
    } else {
      keptBytes += head.size;
      if (keptBytes > limits.keptBytes) limit(`it has more than ${limits.keptBytes} bytes beside artifacts`);
      const bytes = await input.take(head.size);
      checkDigest(member, createHash('sha256').update(bytes).digest('hex'));
      if (member.kind === 'single') singles[member.name] = bytes;
      else kept[member.kind].push(bytes);
    }
    await zeros(input, paddingAfter(head.size));
  }
  await zeros(input, ARCHIVE_END.length - BLOCK);
  if (!(await input.ended())) refuse('something is behind its end');
  return { ...kept, singles, artifacts };
}

async function readHead(input: PackInput): Promise<void> {
  const head = readMemberHeader(await input.take(BLOCK), 0);
  const content = Buffer.from(PACK_HEAD);
  if (head === 'end' || head.name !== PACK_HEAD_NAME || head.size !== content.length)
    return refuse('it does not begin as a pack of this version does');
  if (!content.equals(await input.take(content.length))) refuse('it is of another version');
  await zeros(input, paddingAfter(content.length));
}

async function readArtifact(
  input: PackInput,
  artifact: { readonly sha256: Sha256; readonly size: number },
  sink: ArtifactSink | undefined,
): Promise<void> {
  const hash = createHash('sha256');
  const place = sink?.(artifact);
  for (let left = artifact.size; left > 0; ) {
    const chunk = await input.some(left);
    hash.update(chunk);
    await place?.write(chunk);
    left -= chunk.length;
  }
  checkDigest({ kind: 'artifacts', sha256: artifact.sha256 }, hash.digest('hex'));
  await place?.end();
}

function checkDigest(member: PackMember, found: Sha256): void {
  if (member.kind !== 'single' && member.sha256 !== found)
    refuse(`a member of ${member.kind} has other bytes than its name says: ${found}, not ${member.sha256}`);
}

async function zeros(input: PackInput, count: number): Promise<void> {
  if ((await input.take(count)).some((byte) => byte !== 0)) refuse('something is where only zeros may be');
}

function refuse(why: string): never {
  throw new ReproofError('EVIDENCE_MALFORMED', `reading a pack: ${why}`);
}

function limit(why: string): never {
  throw new ReproofError('EVIDENCE_LIMIT', `reading a pack: ${why}`);
}

/** A stream that is taken in pieces of a wanted length. */
class PackInput {
  position = 0;
  readonly #chunks: AsyncIterator<Uint8Array> | Iterator<Uint8Array>;
  #chunk: Uint8Array = new Uint8Array();

  constructor(chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>) {
    this.#chunks = Symbol.asyncIterator in chunks ? chunks[Symbol.asyncIterator]() : chunks[Symbol.iterator]();
  }

  /** At least one byte and at most `most`. Throws EVIDENCE_MALFORMED at the stream's end. */
  async some(most: number): Promise<Uint8Array> {
    if (await this.ended()) return refuse(`it is cut off at byte ${this.position}`);
    const piece = this.#chunk.subarray(0, most);
    this.#chunk = this.#chunk.subarray(piece.length);
    this.position += piece.length;
    return piece;
  }

  /** Exactly so many bytes. Memory is taken as they come, not as they are announced. */
  async take(count: number): Promise<Uint8Array> {
    const pieces: Uint8Array[] = [];
    for (let left = count; left > 0; ) {
      const piece = await this.some(left);
      pieces.push(piece);
      left -= piece.length;
    }
    return pieces.length === 1 ? (pieces[0] ?? new Uint8Array()) : Buffer.concat(pieces);
  }

  async ended(): Promise<boolean> {
    while (this.#chunk.length === 0) {
      const next = await this.#chunks.next();
      if (next.done === true) return true;
      this.#chunk = next.value;
    }
    return false;
  }
}
