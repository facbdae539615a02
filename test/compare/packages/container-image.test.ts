import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { bufferSource, explain } from '../../../compare/index.ts';
import type { Difference } from '../../../model/index.ts';
import { mirror } from '../../helpers/mirror.ts';

const folder = mkdtempSync(join(tmpdir(), 'container-image-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Both ways round: the second must be the first mirrored. */
async function compare(left: Buffer, right: Buffer): Promise<Difference> {
  const found = await explain(bufferSource('image.tar', left), bufferSource('image.tar', right));
  expect(await explain(bufferSource('image.tar', right), bufferSource('image.tar', left))).toEqual(mirror(found));
  return found;
}

let count = 0;
function archive(files: Record<string, Buffer | string>, order = Object.keys(files)): Buffer {
  const root = join(folder, `tree-${count++}`);
  mkdirSync(root);
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(join(root, path, '..'), { recursive: true });
    writeFileSync(join(root, path), content);
    utimesSync(join(root, path), 1_700_000_000, 1_700_000_000);
  }
  return execFileSync('tar', ['-C', root, '--owner=root:0', '--group=root:0', '-cf', '-', ...order]);
}

type Blobs = Record<string, Buffer | string>;
/** Adds a blob and gives its descriptor. */
function blob(blobs: Blobs, content: Buffer | string | object): { digest: string; size: number } {
  const bytes = Buffer.isBuffer(content) || typeof content === 'string' ? content : JSON.stringify(content);
  const digest = createHash('sha256').update(bytes).digest('hex');
  blobs[`blobs/sha256/${digest}`] = bytes;
  return { digest: `sha256:${digest}`, size: bytes.length };
}

/** An image of these layers of one file each, as an OCI layout. */
function oci(texts: readonly string[], created: string): Buffer {
  const blobs: Blobs = {};
  const config = blob(blobs, { created, architecture: 'amd64' });
  const layers = texts.map((text) => blob(blobs, gzipSync(archive({ file: text }))));
  const manifest = blob(blobs, { schemaVersion: 2, config, layers });
  const files = {
    ...blobs,
    'oci-layout': '{"imageLayoutVersion":"1.0.0"}',
    'index.json': JSON.stringify({ manifests: [manifest] }),
  };
  return archive(files, Object.keys(files).sort());
}

describe('explaining how two container images differ', () => {
  it('pairs blobs of an OCI layout by what they are, and goes into them', async () => {
    const found = await compare(
      oci(['same', 'one'], '2023-11-14T00:00:00Z'),
      oci(['same', 'two'], '2023-11-15T00:00:00Z'),
    );
    expect(found.kind).toBe('container-image');
    expect(found.children.map(({ path, kind }) => `${path} ${kind}`)).toEqual([
      'index.json json',
      'manifest 1 json',
      'manifest 1: config json',
      'manifest 1: layer 2 gzip',
    ]);
    expect(found.children[3]?.children[0]?.children).toMatchObject([{ path: 'file', kind: 'text' }]);
    expect(found.children[1]?.fields?.map(({ name }) => name)).toContain('path');
  });

  it('pairs layers of what docker save wrote', async () => {
    const saved = (text: string, config: string): Buffer => {
      const names = [config, text].map((content) => createHash('sha256').update(content).digest('hex'));
      const layer = `${names[1]}/layer.tar`;
      return archive({
        [layer]: archive({ file: text }),
        [`${names[0]}.json`]: `{"config":"${config}"}`,
        'manifest.json': JSON.stringify([{ Config: `${names[0]}.json`, Layers: [layer] }]),
      });
    };
    const found = await compare(saved('one', 'a'), saved('two', 'b'));
    expect(found.children.map(({ path }) => path)).toEqual(['image 1: config', 'image 1: layer 1', 'manifest.json']);
  });

  it('finds a layer that was put in between, and those that changed places', async () => {
    const date = '2023-11-14T00:00:00Z';
    const layersOf = (found: Difference): (string | undefined)[] =>
      found.children
        .filter(({ path }) => path.includes('layer'))
        .map(({ path, right, detail }) => `${path} -> ${right?.name}: ${detail}`);
    expect(layersOf(await compare(oci(['one', 'two'], date), oci(['one', 'new', 'two'], date)))).toEqual([
      'manifest 1: layer 2 -> manifest 1: layer 3: equal content, renamed',
      'manifest 1: layer 2 -> undefined: only on one side',
    ]);
    expect(layersOf(await compare(oci(['one', 'two'], date), oci(['two', 'one'], date)))).toEqual([
      'manifest 1: layer 1 -> manifest 1: layer 2: equal content, renamed',
      'manifest 1: layer 2 -> manifest 1: layer 1: equal content, renamed',
    ]);
  });

  it('calls nothing another order that is sorted by digests, which differ', async () => {
    const saved = (text: string, order?: (names: string[]) => string[]): Buffer => {
      const files: Blobs = {};
      const config = blob(files, { created: text });
      const layers = [1, 2, 3, 4].map((number) => blob(files, `${text} ${number}`));
      const manifest = blob(files, { config, layers });
      const all = { ...files, 'index.json': JSON.stringify({ manifests: [manifest] }) };
      const names = Object.keys(all).sort();
      return archive(all, order?.(names) ?? names);
    };
    const kindsOf = async (right: Buffer): Promise<string[]> =>
      (await compare(saved('one'), right)).reasons?.map(({ kind }) => kind) ?? [];
    expect(await kindsOf(saved('two'))).toEqual([]);
    expect(await kindsOf(saved('two', (names) => names.toReversed()))).toEqual(['order']);
    expect(await kindsOf(saved('one', (names) => names.toReversed()))).toEqual(['order']);
  });

  it('takes the names in what docker save wrote for the digests that they are', async () => {
    const saved = (created: string): Buffer => {
      const config = JSON.stringify({ created });
      const name = `${createHash('sha256').update(config).digest('hex')}.json`;
      return archive({ [name]: config, 'manifest.json': JSON.stringify([{ Config: name, Layers: [] }]) });
    };
    const found = await compare(saved('2023-11-14T00:00:00Z'), saved('2023-11-15T00:00:00Z'));
    expect(found.children.map(({ path, reasons }) => [path, reasons?.map(({ kind }) => kind)])).toEqual([
      ['image 1: config', ['timestamp']],
      ['manifest.json', ['checksum']],
    ]);
  });

  it('looks past the folder that holds all, and takes no other archive for an image', async () => {
    const blobs = (text: string): Buffer => {
      const files: Blobs = {};
      const manifest = blob(files, { layers: [blob(files, text)] });
      return archive({ ...files, 'index.json': JSON.stringify({ manifests: [manifest] }) }, [
        './blobs',
        './index.json',
      ]);
    };
    const rooted = (text: string): Buffer =>
      Buffer.concat([archive({}, ['--no-recursion', './']).subarray(0, 512), blobs(text)]);
    expect(await compare(rooted('one'), rooted('two'))).toMatchObject({ kind: 'container-image' });
    const other = await compare(archive({ file: 'one' }, ['./']), archive({ file: 'two' }, ['./']));
    expect(other).toMatchObject({ kind: 'tar', notes: [] });
  });

  it('says where a blob is not what its name says', async () => {
    const misnamed = (text: string): Buffer => {
      const files: Blobs = {};
      const manifest = blob(files, { layers: [blob(files, 'one')] });
      const layer = Object.keys(files)[0] as string;
      return archive({ ...files, [layer]: text, 'index.json': JSON.stringify({ manifests: [manifest] }) });
    };
    const found = await compare(misnamed('one'), misnamed('two'));
    const digest = createHash('sha256').update('two').digest('hex');
    expect(found.fields).toEqual([
      { name: expect.stringMatching(/^digest of blobs\/sha256\//), right: `not its name: ${digest}` },
    ]);
    expect(found.children.map(({ path }) => path)).toEqual(['manifest 1: layer 1']);
  });

  it('leaves an archive that names no blobs to tar', async () => {
    const found = await compare(archive({ 'index.json': '{}' }), archive({ 'index.json': '[]' }));
    expect(found).toMatchObject({ kind: 'tar', notes: [expect.stringContaining('it names no blobs')] });
  });
});
