import { createHash } from 'node:crypto';
import { escapeName } from '../../compare/index.ts';
import type { ArtifactContents, PayloadFile } from '../../sbom/index.ts';
import { readCopyright } from './copyright.ts';
import { readControl } from './deb-control.ts';
import { type DebReading, debParts, malformed, passed, tarItems } from './deb-members.ts';

type Tar = AsyncIterable<Uint8Array>;
type Digests = { readonly sha1: string; readonly sha256: string };

/**
 * Reads what an SBOM tells of a .deb, in one pass: nothing is kept of its files but names and digests. `suite` is the
 * release that it is of, where that is known. Its name is the base name it has on disk: it must be one.
 * Throws ARCHIVE_MALFORMED, ARCHIVE_LIMIT, PROGRAM_*, INTERRUPTED, and what `bytes` throws.
 */
export async function readDeb(
  bytes: AsyncIterable<Uint8Array>,
  reading: DebReading,
  suite?: string,
): Promise<ArtifactContents> {
  const whole = createHash('sha256');
  let size = 0;
  async function* counted(): AsyncGenerator<Uint8Array> {
    for await (const chunk of bytes) {
      whole.update(chunk);
      size += chunk.length;
      yield chunk;
    }
  }
  let madeAt: number | undefined;
  let control: ReturnType<typeof readControl> | undefined;
  let payload: Payload | undefined;
  for await (const piece of debParts(counted(), reading)) {
    if (piece.part === 'version') madeAt = piece.madeAt;
    else if (piece.part === 'control') control = await controlOf(piece.tar, reading);
    else payload = await payloadOf(piece.tar, control?.package.name ?? '', reading);
  }
  if (control === undefined || payload === undefined) throw malformed(reading.name, 'a part of it is missing');
  return {
    ...control,
    ...(suite === undefined ? {} : { package: { ...control.package, suite } }),
    file: { name: reading.name, size, sha256: whole.digest('hex') },
    licences: payload.copyright === undefined ? undefined : readCopyright(payload.copyright),
    files: payload.files,
    ...(madeAt === undefined ? {} : { builtAt: madeAt }),
  };
}

async function controlOf(tar: Tar, { name, limits }: DebReading): Promise<ReturnType<typeof readControl>> {
  let found: Buffer | undefined;
  for await (const { member, content } of tarItems(tar)) {
    if (pathOf(member.name) !== '/control' || !isRegular(member.header.type)) continue;
    if (found !== undefined) throw malformed(name, 'it has two control files');
    if (member.size > limits.controlBytes) throw passed(name, 'controlBytes', limits.controlBytes);
    found = Buffer.concat(await Array.fromAsync(content, (chunk) => Buffer.from(chunk)));
  }
  if (found === undefined) throw malformed(name, 'it has no control file');
  return readControl(found, name);
}

type Payload = { readonly files: readonly PayloadFile[]; readonly copyright: Uint8Array | undefined };

/** Folders, devices and FIFOs have no content and are passed over, as dpkg unpacks them: tarfn.c names the types. */
const WITHOUT_CONTENT = '3456';

async function payloadOf(tar: Tar, binary: string, { name, limits }: DebReading): Promise<Payload> {
  const files: PayloadFile[] = [];
  const digests = new Map<string, Digests>();
  let copyright: Uint8Array | undefined;
  let members = 0;
  let nameBytes = 0;
  for await (const { member, content } of tarItems(tar)) {
    const { header, linkname } = member;
    const path = pathOf(member.name);
    nameBytes += member.name.length + linkname.length;
    if (++members > limits.members) throw passed(name, 'members', limits.members);
    if (nameBytes > limits.nameBytes) throw passed(name, 'nameBytes', limits.nameBytes);
    if (isRegular(header.type)) {
      const wanted = path === `/usr/share/doc/${binary}/copyright` && member.size <= limits.copyrightBytes;
      const read = await digestsOf(content, wanted);
      if (wanted) copyright = read.kept;
      digests.set(path, read);
      files.push({ kind: 'file', path, sha1: read.sha1, sha256: read.sha256 });
    } else if (header.type === '1') {
      const linked = digests.get(pathOf(linkname));
      if (linked === undefined) throw malformed(name, `${path} is a link to what does not stand before it`);
      digests.set(path, linked);
      files.push({ kind: 'file', path, sha1: linked.sha1, sha256: linked.sha256 });
    } else if (header.type === '2') files.push({ kind: 'symlink', path, target: escapeName(linkname) });
    else if (!WITHOUT_CONTENT.includes(header.type))
      throw malformed(name, `${path} is of a type that dpkg does not unpack`);
  }
  return { files, copyright };
}

function isRegular(type: string): boolean {
  return type === '0' || type === '7';
}

/** Absolute, in one spelling for one name: what does not print is escaped. */
function pathOf(latin1: string): string {
  return `/${escapeName(latin1.replace(/^(?:\.?\/)+/, ''))}`;
}

async function digestsOf(content: Tar, keep: boolean): Promise<Digests & { readonly kept: Buffer | undefined }> {
  const sha1 = createHash('sha1');
  const sha256 = createHash('sha256');
  const kept: Uint8Array[] = [];
  for await (const chunk of content) {
    sha1.update(chunk);
    sha256.update(chunk);
    if (keep) kept.push(chunk);
  }
  return { sha1: sha1.digest('hex'), sha256: sha256.digest('hex'), kept: keep ? Buffer.concat(kept) : undefined };
}
