import { imageRoles } from '../../../formats/index.ts';
import { ReproofError } from '../../../model/index.ts';
import { escapeName } from '../../escape.ts';
import type { ByteSource, ContainerComparator, ContainerFact, Context, Head, Member } from '../../types.ts';
import { tar } from '../archives/tar.ts';

/** Bytes of one file that may name blobs, and of all of them. */
const MANIFEST_BYTES = 2 ** 20;
const MANIFESTS_BYTES = 16 * 2 ** 20;
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
  for await (const each of tar.members(source, context)) {
    const role = 'fact' in each ? undefined : roles.get(pathOf(each.name));
    if ('fact' in each || role === undefined) yield each;
    else yield { ...each, name: role, pairAs: role, header: { ...each.header, path: escapeName(each.name) } };
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
      if (size === 0 && piece.length > 0 && piece[0] !== 0x7b && piece[0] !== 0x5b) break;
      size += piece.length;
      if (size > MANIFEST_BYTES) break;
      pieces.push(piece);
    }
    if (size === 0 || size > MANIFEST_BYTES) continue;
    total += size;
    if (total > MANIFESTS_BYTES) break;
    files.set(pathOf(each.name), Buffer.concat(pieces));
  }
  return files;
}

function pathOf(name: string): string {
  return name.startsWith('./') ? name.slice(2) : name;
}
