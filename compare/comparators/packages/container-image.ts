import { createHash } from 'node:crypto';
import { blobDigest, IMAGE_MANIFESTS, imageRoles, mayNameBlobs } from '../../../formats/index.ts';
import { ReproofError } from '../../../model/index.ts';
import { escapeName } from '../../escape.ts';
import type { ByteSource, ContainerComparator, ContainerFact, Context, Head, Member } from '../../types.ts';
import { tar } from '../archives/tar.ts';

/** As many blobs of another digest than their names say are told one by one; more are counted. */
const MISNAMED_TOLD = 100;
const FIRST_NAME =
  /^(?:\.\/)?(?:blobs\/|oci-layout\0|index\.json\0|manifest\.json\0|repositories\0|[0-9a-f]{64}(?:\/|\.json\0|\.tar\0))/;
const NAME_BYTES = 100;
const TAR_BLOCK_BYTES = 512;

/**
 * Container images in a tar archive, as an OCI image layout or by docker save: blobs are paired by what they are in the
 * image, not by their names, which are digests of their contents.
 */
export const containerImage: ContainerComparator = {
  kind: 'container',
  id: 'container-image',
  recognizes: (head, name) => tar.recognizes(head, name) && FIRST_NAME.test(firstName(head)),
  members,
};

/** The first name, or the second where the first is the folder that holds all. */
function firstName(head: Head): string {
  const nameAt = (offset: number): string => Buffer.from(head.subarray(offset, offset + NAME_BYTES)).toString('latin1');
  const first = nameAt(0);
  return first.startsWith('./\0') ? nameAt(TAR_BLOCK_BYTES) : first;
}

async function* members(source: ByteSource, context: Context): AsyncGenerator<Member | ContainerFact> {
  const roles = imageRoles(await manifests(source, context));
  if (roles.size === 0)
    throw new ReproofError('ARCHIVE_MALFORMED', `reading container image ${source.name}: it names no blobs`);
  const misnamed = new Misnamed();
  for await (const each of tar.members(source, context)) {
    const role = 'fact' in each ? undefined : roles.get(pathOf(each.name));
    if ('fact' in each) {
      yield each;
      continue;
    }
    const digest = blobDigest(each.name);
    const member = digest === undefined ? each : { ...each, content: misnamed.watch(each, digest) };
    if (role === undefined) yield member;
    else yield { ...member, name: role, pairAs: role, header: { ...each.header, path: escapeName(each.name) } };
  }
  yield* misnamed.facts();
}

/** Blobs whose contents have another digest than their names say: names are never believed. */
class Misnamed {
  readonly #facts: ContainerFact[] = [];
  #count = 0;

  /** The content of a blob, looked at as it is read. */
  async *watch({ name, content }: Member, stated: string): AsyncGenerator<Uint8Array> {
    const hash = createHash('sha256');
    for await (const piece of content) {
      hash.update(piece);
      yield piece;
    }
    const digest = hash.digest('hex');
    if (digest === stated || ++this.#count > MISNAMED_TOLD) return;
    this.#facts.push({ fact: `digest of ${escapeName(name)}`, value: `not its name: ${digest}` });
  }

  *facts(): Generator<ContainerFact> {
    yield* this.#facts;
    if (this.#count > MISNAMED_TOLD)
      yield { fact: 'blobs that are not what their names say', value: String(this.#count) };
  }
}

/** The files that may name blobs: small ones that begin as JSON does, by path. */
async function manifests(source: ByteSource, context: Context): Promise<ReadonlyMap<string, Buffer>> {
  const files = new Map<string, Buffer>();
  let total = 0;
  for await (const each of tar.members(source, context)) {
    if ('fact' in each) continue;
    const pieces: Uint8Array[] = [];
    let size = 0;
    for await (const piece of each.content) {
      if (size === 0 && piece.length > 0 && !mayNameBlobs(piece[0])) break;
      size += piece.length;
      if (size > IMAGE_MANIFESTS.fileBytes) break;
      pieces.push(piece);
    }
    if (size === 0 || size > IMAGE_MANIFESTS.fileBytes) continue;
    total += size;
    if (total > IMAGE_MANIFESTS.totalBytes) break;
    files.set(pathOf(each.name), Buffer.concat(pieces));
  }
  return files;
}

function pathOf(name: string): string {
  return name.startsWith('./') ? name.slice(2) : name;
}
