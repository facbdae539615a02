import { chmod, mkdir, readdir, rename, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { type Comparison, compare, openInputs } from '../../../compare/index.ts';
import { type Difference, sha256Of } from '../../../model/index.ts';
import { mirror } from '../../helpers/mirror.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

type Files = Record<string, Buffer | string>;

/** Adds a blob and gives its descriptor. */
function blob(files: Files, content: Buffer | string | object): { digest: string; size: number } {
  const bytes = Buffer.isBuffer(content) || typeof content === 'string' ? content : JSON.stringify(content);
  const digest = sha256Of(bytes);
  files[`blobs/sha256/${digest}`] = bytes;
  return { digest: `sha256:${digest}`, size: bytes.length };
}

/** The files of an OCI image layout with layers of these texts. */
function layout(texts: readonly string[], created = '2023-11-14T00:00:00Z'): Files {
  const files: Files = { 'oci-layout': '{"imageLayoutVersion":"1.0.0"}' };
  const config = blob(files, { created });
  const layers = texts.map((text) => blob(files, gzipSync(text)));
  const manifest = blob(files, { schemaVersion: 2, config, layers });
  return { ...files, 'index.json': JSON.stringify({ manifests: [manifest] }) };
}

async function folderOf(parent: string, name: string, files: Files): Promise<string> {
  const folder = join(parent, name);
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
    await utimes(join(folder, path), 1_700_000_000, 1_700_000_000);
  }
  for (const path of ['blobs/sha256', 'blobs']) {
    const there = await readdir(join(folder, path)).catch(() => undefined);
    if (there !== undefined) await utimes(join(folder, path), 1_700_000_000, 1_700_000_000);
  }
  return folder;
}

async function comparePaths(left: string, right: string): Promise<Comparison> {
  const inputs = await openInputs(left, right);
  return compare(inputs.left, inputs.right);
}

/** Both ways round: the second must be the first mirrored. */
async function compareFiles(left: Files, right: Files): Promise<Comparison> {
  const home = await temporaryFolder();
  const [one, other] = [await folderOf(home, 'left', left), await folderOf(home, 'right', right)];
  const found = await comparePaths(one, other);
  const { difference } = await comparePaths(other, one);
  expect(difference).toEqual(found.difference && { ...mirror(found.difference), path: 'right' });
  return found;
}

const pathsOf = (found: Comparison): string[] =>
  found.difference?.children.map(({ path, kind }) => `${path} ${kind}`) ?? [];

describe('comparing two folders that are OCI image layouts', () => {
  it('pairs blobs by what they are in the image, and goes into them', async () => {
    const found = await compareFiles(layout(['same\n', 'one\n']), layout(['same\n', 'two\n'], '2023-11-15T00:00:00Z'));
    expect(found.identical).toBe(false);
    expect(pathsOf(found)).toEqual([
      'index.json json',
      'manifest 1 json',
      'manifest 1: config json',
      'manifest 1: layer 2 gzip',
    ]);
    const layer = found.difference?.children[3] as Difference;
    expect(layer.fields?.map(({ name }) => name)).toEqual(['path']);
    expect(layer.children[0]?.diff).toContain('-one\n+two\n');
    expect(found.difference?.reasons?.map(({ kind }) => kind) ?? []).not.toContain('order');
  });

  it('finds equal ones identical', async () => {
    expect((await compareFiles(layout(['same\n']), layout(['same\n']))).identical).toBe(true);
  });

  it('says where a blob is not what its name says, and compares what it holds', async () => {
    const [left, right] = [layout(['one\n']), layout(['one\n'])];
    const name = Object.keys(right).find(
      (path) => path.startsWith('blobs/') && right[path] instanceof Buffer,
    ) as string;
    right[name] = gzipSync('two\n');
    const found = await compareFiles(left, right);
    expect(found.identical).toBe(false);
    expect(found.left.notes).toEqual([]);
    expect(found.right.notes).toEqual([`${name}: not what its name says: SHA-256 ${sha256Of(right[name] as Buffer)}`]);
    expect(pathsOf(found)).toEqual(['manifest 1: layer 1 gzip']);
  });

  it('never takes a file that is called as a blob is for the blob', async () => {
    const [left, right] = [layout(['one\n']), layout(['one\n'])];
    const named = { ...left, 'manifest 1': 'hidden' };
    const found = await compareFiles(named, { ...right, 'manifest 1': 'shown' });
    expect(pathsOf(found)).toEqual(['manifest 1 text']);
    expect((await compareFiles(named, right)).identical).toBe(false);
  });

  it('takes no other folder for one, and reads one that names nothing by its paths', async () => {
    const { 'oci-layout': _, ...unmarked } = layout(['one\n']);
    const { 'oci-layout': __, ...other } = layout(['two\n']);
    expect(pathsOf(await compareFiles(unmarked, other)).some((path) => path.startsWith('blobs/'))).toBe(true);
    const empty = (index: string): Files => ({ 'oci-layout': '{}', 'index.json': index });
    expect(pathsOf(await compareFiles(empty('[1]'), empty('no JSON')))).toEqual(['index.json text']);
  });

  it('leaves out what is there as something else than a file', async () => {
    const home = await temporaryFolder();
    const one = await folderOf(home, 'one', layout(['one\n']));
    const other = await folderOf(home, 'other', layout(['one\n']));
    await rename(join(other, 'index.json'), join(other, 'kept'));
    await mkdir(join(other, 'index.json'));
    await chmod(join(other, 'oci-layout'), 0o600);
    expect((await comparePaths(one, other)).identical).toBe(false);
  });
});
