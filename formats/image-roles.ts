/** How deep indices may name indices. */
const MAX_DEPTH = 4;
/** Blobs that are given a role; those beyond keep their names. */
const MAX_ROLES = 100_000;
/** Bytes of one file that may name blobs, and of all that are read of an image. */
export const IMAGE_MANIFESTS = { fileBytes: 2 ** 20, totalBytes: 16 * 2 ** 20 } as const;
const BLOB = /^(?:\.\/)?blobs\/sha256\/([0-9a-f]{64})$/;

type Files = ReadonlyMap<string, Buffer>;
type Json = { readonly [name: string]: unknown };
type Roles = Map<string, string>;

/**
 * What the blobs of a container image are, by their paths: "manifest 1", "manifest 1: config", "manifest 1: layer 2".
 * `files` holds the small files of the layout by path; one that is missing or no JSON names nothing. The first role of
 * a blob counts. Sources: OCI image-layout.md, image-index.md, manifest.md; the manifest.json of docker save.
 */
export function imageRoles(files: Files): ReadonlyMap<string, string> {
  const roles: Roles = new Map();
  nameManifests(json(files.get('index.json')), { files, roles, base: '', depth: 0 });
  const saved = json(files.get('manifest.json'));
  if (Array.isArray(saved))
    for (const [index, image] of saved.entries()) {
      if (!isObject(image)) continue;
      const base = `image ${index + 1}`;
      if (typeof image.Config === 'string') give(roles, image.Config, `${base}: config`);
      for (const [layer, path] of list(image.Layers).entries())
        if (typeof path === 'string') give(roles, path, `${base}: layer ${layer + 1}`);
    }
  return roles;
}

/** The SHA-256 that a blob's path says its content has; undefined for what is no such path. */
export function blobDigest(path: string): string | undefined {
  return BLOB.exec(path)?.[1];
}

/** True for what may be JSON that names blobs, by its first byte. */
export function mayNameBlobs(first: number | undefined): boolean {
  return first === 0x7b || first === 0x5b;
}

type Place = { readonly files: Files; readonly roles: Roles; readonly base: string; readonly depth: number };

function nameManifests(index: unknown, { files, roles, base, depth }: Place): void {
  if (!isObject(index) || depth > MAX_DEPTH) return;
  for (const [number, descriptor] of list(index.manifests).entries()) {
    const path = blobPath(descriptor);
    if (path === undefined || roles.has(path)) continue;
    const content = json(files.get(path));
    const isIndex = isObject(content) && Array.isArray(content.manifests);
    const name = `${base}${isIndex ? 'index' : 'manifest'} ${number + 1}`;
    give(roles, path, name);
    if (!isObject(content)) continue;
    if (isIndex) nameManifests(content, { files, roles, base: `${name}, `, depth: depth + 1 });
    give(roles, blobPath(content.config), `${name}: config`);
    for (const [layer, each] of list(content.layers).entries())
      give(roles, blobPath(each), `${name}: layer ${layer + 1}`);
  }
}

function give(roles: Roles, path: string | undefined, role: string): void {
  if (path !== undefined && !roles.has(path) && roles.size < MAX_ROLES) roles.set(path, role);
}

/** Where a descriptor's blob stands. */
function blobPath(descriptor: unknown): string | undefined {
  if (!isObject(descriptor) || typeof descriptor.digest !== 'string') return undefined;
  const digest = /^([a-z0-9]{1,32}):([0-9a-f]{32,128})$/.exec(descriptor.digest);
  return digest === null ? undefined : `blobs/${digest[1]}/${digest[2]}`;
}

function json(bytes: Buffer | undefined): unknown {
  try {
    return bytes === undefined ? undefined : JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
