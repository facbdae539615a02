import { blobDigest, IMAGE_MANIFESTS, imageRoles, mayNameBlobs } from '../../formats/index.ts';
import { byBytes } from '../by-bytes.ts';
import { escapeName } from '../escape.ts';
import type { ListedMember } from '../members.ts';
import { readWhole } from '../read-whole.ts';
import { entrySource } from './entry-source.ts';
import { byPath, entryPath, type FolderEntry, type NamedEntry } from './folder-entries.ts';

/**
 * The entries of an OCI image layout by their paths, its blobs by what they are in the image, as manifests say, since their names are digests of their contents. A file that cannot be read names none.
 */
export async function rolesOf(entries: readonly FolderEntry[], root: Buffer): Promise<readonly NamedEntry[]> {
  const files = new Map(entries.filter(({ size }) => size !== undefined).map((entry) => [entry.name, entry]));
  const roles = imageRoles(await manifests(files, root));
  const named = entries.map((entry): NamedEntry => {
    const role = roles.get(entry.name);
    if (role === undefined) return byPath(entry);
    // A file may be called as a role is: the key is another all the same.
    return { entry, key: `role/${role}`, name: role, header: { ...entry.header, path: escapeName(entry.name) } };
  });
  // Digests put blobs into an order that says nothing.
  return roles.size === 0 ? named : named.toSorted((one, other) => byBytes(one.key, other.key));
}

/** A sentence where the content of a blob has another digest than its name says. */
export function misnamedNote({ name }: FolderEntry, { sha256 }: ListedMember): string | undefined {
  const stated = blobDigest(name);
  if (stated === undefined || sha256 === undefined || stated === sha256) return undefined;
  return `${escapeName(name)}: not what its name says: SHA-256 ${sha256}`;
}

/** The files that may name blobs: small ones that begin as JSON does. */
async function manifests(files: ReadonlyMap<string, FolderEntry>, root: Buffer): Promise<ReadonlyMap<string, Buffer>> {
  const found = new Map<string, Buffer>();
  let total = 0;
  for (const [name, { size = 0 }] of files) {
    if (size === 0 || size > IMAGE_MANIFESTS.fileBytes || (name !== 'index.json' && blobDigest(name) === undefined))
      continue;
    const bytes = await readSmall(entryPath(root, name), escapeName(name));
    if (bytes === undefined || !mayNameBlobs(bytes[0])) continue;
    total += bytes.length;
    if (total > IMAGE_MANIFESTS.totalBytes) break;
    found.set(name, bytes);
  }
  return found;
}

/** Undefined where it cannot be read, which is said when it is listed. */
async function readSmall(path: Buffer, name: string): Promise<Buffer | undefined> {
  const { fileBytes } = IMAGE_MANIFESTS;
  try {
    return await readWhole(entrySource(path, name, fileBytes), fileBytes);
  } catch {
    return undefined;
  }
}
