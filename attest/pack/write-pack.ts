import { sha256Of } from '../../model/index.ts';
import { memberName, memberOrder, PACK_HEAD, PACK_HEAD_NAME, type SingleFile } from './layout.ts';
import { ARCHIVE_END, memberHeader, paddingAfter } from './ustar.ts';

/** A file of known content that is read only when it is written: `sha256` and `size` must be those of its bytes. */
export type PackedArtifact = {
  readonly sha256: string;
  readonly size: number;
  readonly read: () => AsyncIterable<Uint8Array>;
};

/** All that a pack is made of. */
export type PackContent = {
  /** Bundles in JSON, one a statement. */
  readonly statements: readonly Uint8Array[];
  readonly links: readonly Uint8Array[];
  readonly singles: Readonly<Partial<Record<SingleFile, string>>>;
  readonly artifacts: readonly PackedArtifact[];
};

/**
 * The bytes of a pack: a tar archive that any tar(1) unpacks. The same content gives the same bytes, in whatever order
 * it is given.
 */
export async function* writePack(content: PackContent): AsyncGenerator<Uint8Array> {
  yield* whole(PACK_HEAD_NAME, Buffer.from(PACK_HEAD));
  const members = new Map<string, Uint8Array | PackedArtifact>();
  for (const [name, text] of Object.entries(content.singles)) members.set(name, Buffer.from(text));
  for (const folder of ['statements', 'links'] as const)
    for (const bytes of content[folder]) members.set(memberName(folder, sha256Of(bytes)), bytes);
  for (const artifact of content.artifacts) members.set(memberName('artifacts', artifact.sha256), artifact);
  const names = [...members.keys()].map((name) => [memberOrder(name), name] as const);
  names.sort(([left], [right]) => (left < right ? -1 : 1));
  for (const [, name] of names) {
    const member = members.get(name);
    if (member instanceof Uint8Array) yield* whole(name, member);
    else if (member !== undefined) yield* streamed(name, member);
  }
  yield ARCHIVE_END;
}

function* whole(name: string, bytes: Uint8Array): Generator<Uint8Array> {
  yield Buffer.concat([memberHeader(name, bytes.length), bytes, new Uint8Array(paddingAfter(bytes.length))]);
}

async function* streamed(name: string, artifact: PackedArtifact): AsyncGenerator<Uint8Array> {
  yield memberHeader(name, artifact.size);
  yield* artifact.read();
  yield new Uint8Array(paddingAfter(artifact.size));
}
