import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { canonicalJson, type RebuildAttempt, type RebuildRecord, sha256Of } from '../../../model/index.ts';
import { runProgram } from '../../../programs/index.ts';
import { extractArtifacts, openBlobs, writeEvidence } from '../../../rebuilder/store/index.ts';
import { sampleRecord } from '../../helpers/sample-record.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

const limits = { wallSeconds: 10, outputBytes: 1_000_000 };

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** Blobs that hold two logs, and the record of a rebuild whose logs they are. */
async function finished() {
  const folder = await temporaryFolder();
  const blobs = await openBlobs(path.join(folder, 'blobs'));
  const attempts: RebuildAttempt[] = [];
  for (const kind of ['first', 'control'] as const) {
    const { sha256 } = await blobs.put('log', once(gzipSync(`the ${kind} log\n`)), 1000);
    const log = { blob: sha256, bytes: 16, truncated: false };
    attempts.push({ kind, outcome: { kind: 'built' }, artifacts: [], log, varied: [], wallSeconds: 1 });
  }
  const record = sampleRecord('0123456789ab', { attempts });
  const evidence = { record, plan: { b: 1, a: 2 }, lock: { schema: 'x' }, report: 'REPRODUCIBLE\n' };
  return { folder, rebuilds: path.join(folder, 'rebuilds'), blobs, evidence };
}

describe('the folder of evidence', () => {
  it('holds all parts, as sha256sum -c confirms', async () => {
    const { rebuilds, blobs, evidence } = await finished();
    const folder = await writeEvidence(rebuilds, evidence, blobs);
    expect(folder).toBe(path.join(rebuilds, '0123456789ab'));
    const { status, stdout } = await runProgram(['sha256sum', '--strict', '-c', 'SHA256SUMS'], { limits, cwd: folder });
    const names = ['build.log.gz', 'control.log.gz', 'lock.json', 'plan.json', 'record.json', 'verdict.txt'];
    expect(stdout.toString()).toBe(names.map((name) => `${name}: OK\n`).join(''));
    expect(status).toBe(0);
    expect((await readdir(folder)).sort()).toEqual(['SHA256SUMS', ...names]);
    expect(await readFile(path.join(folder, 'plan.json'), 'utf8')).toBe('{"a":2,"b":1}\n');
    expect(await readFile(path.join(folder, 'record.json'), 'utf8')).toBe(`${canonicalJson(evidence.record)}\n`);
    expect(gunzipSync(await readFile(path.join(folder, 'control.log.gz'))).toString()).toBe('the control log\n');
  });

  it('leaves plan and lock out when the rebuild did not come that far', async () => {
    const { rebuilds, blobs, evidence } = await finished();
    const record = sampleRecord('0123456789ab', { attempts: [] });
    const folder = await writeEvidence(rebuilds, { record, report: evidence.report }, blobs);
    expect((await readdir(folder)).sort()).toEqual(['SHA256SUMS', 'record.json', 'verdict.txt']);
  });

  it('is not written again when it is there and right', async () => {
    const { rebuilds, blobs, evidence } = await finished();
    const folder = await writeEvidence(rebuilds, evidence, blobs);
    const before = await stat(folder);
    await writeEvidence(rebuilds, evidence, blobs);
    expect((await stat(folder)).ino).toBe(before.ino);
  });

  it('is made good when a part is missing or damaged', async () => {
    const { rebuilds, blobs, evidence } = await finished();
    const folder = await writeEvidence(rebuilds, evidence, blobs);
    await rm(path.join(folder, 'plan.json'));
    await writeFile(path.join(folder, 'record.json'), '{}');
    await writeEvidence(rebuilds, evidence, blobs);
    const { status } = await runProgram(['sha256sum', '--strict', '-c', 'SHA256SUMS'], { limits, cwd: folder });
    expect(status).toBe(0);
    expect(await readdir(path.join(rebuilds, '.tmp'))).toEqual([]);
  });

  it('does not appear when a log is damaged or missing', async () => {
    const { rebuilds, blobs, evidence } = await finished();
    await rm((await blobs.path(evidence.record.attempts[0]?.log.blob ?? '')) ?? '');
    await expect(writeEvidence(rebuilds, evidence, blobs)).rejects.toMatchObject({ code: 'BLOB_CORRUPT' });
    expect(await readdir(rebuilds).catch(() => [])).toEqual([]);
  });

  it('is written whole by two at once', async () => {
    const { rebuilds, blobs, evidence } = await finished();
    const reports = ['one\n', 'two\n', 'three\n'];
    await Promise.all(reports.map((report) => writeEvidence(rebuilds, { ...evidence, report }, blobs)));
    const folder = path.join(rebuilds, '0123456789ab');
    const { status } = await runProgram(['sha256sum', '--strict', '-c', 'SHA256SUMS'], { limits, cwd: folder });
    expect(status).toBe(0);
  });

  it('goes nowhere else for an id that is a path', async () => {
    const { rebuilds, blobs, evidence } = await finished();
    const record = { ...evidence.record, id: '../../out' };
    await expect(writeEvidence(rebuilds, { ...evidence, record }, blobs)).rejects.toMatchObject({
      code: 'STORE_CORRUPT',
    });
  });
});

const published = Buffer.from('what they published');
const rebuilt = Buffer.from('what we rebuilt');

function differing(name: string): RebuildRecord {
  return sampleRecord('0123456789ab', {
    artifacts: [
      ...sampleRecord('0123456789ab').artifacts,
      {
        kind: 'differs',
        name,
        published: { name, size: published.length, sha256: sha256Of(published) },
        rebuilt: { name, size: rebuilt.length, sha256: sha256Of(rebuilt) },
      },
    ],
  });
}

describe('extracting artifacts', () => {
  const sources = { published: () => once(published), rebuilt: () => once(rebuilt) };

  it('copies both sides of what differs, and nothing else', async () => {
    const folder = path.join(await temporaryFolder(), 'out');
    const name = 'libc++1_1%3a19~rc+1-2_amd64.deb';
    const written = await extractArtifacts(differing(name), folder, sources);
    expect(written).toEqual([path.join(folder, 'published', name), path.join(folder, 'rebuilt', name)]);
    expect(await readFile(written[0] ?? '')).toEqual(published);
    expect(await readFile(written[1] ?? '')).toEqual(rebuilt);
    expect(await extractArtifacts(differing(name), folder, sources)).toEqual(written);
    expect((await readdir(folder, { recursive: true })).sort()).toHaveLength(4);
  });

  it("copies what nobody published, the control rebuild's version where it is another, and each .buildinfo", async () => {
    const folder = path.join(await temporaryFolder(), 'out');
    const file = (name: string, text: string) => ({ name, size: text.length, sha256: sha256Of(text) });
    const log = { blob: '0'.repeat(64), bytes: 0, truncated: false };
    const built = { outcome: { kind: 'built' }, log, varied: [], wallSeconds: 1 } as const;
    const first = [file('steady.deb', 'same'), file('unsteady.deb', 'first'), file('a.buildinfo', 'about first')];
    const control = [file('steady.deb', 'same'), file('unsteady.deb', 'control'), file('a.buildinfo', 'about control')];
    const record = sampleRecord('0123456789ab', {
      attempts: [
        { kind: 'first', artifacts: first, ...built },
        { kind: 'control', artifacts: control, ...built },
      ],
      artifacts: first.slice(0, 2).map((each) => ({ kind: 'extra', name: each.name, rebuilt: each })),
    });
    const texts = new Map(
      ['same', 'first', 'control', 'about first', 'about control'].map((text) => [sha256Of(text), text]),
    );
    const read = ({ sha256 }: { readonly sha256: string }) => once(Buffer.from(texts.get(sha256) ?? ''));
    const written = await extractArtifacts(record, folder, { ...sources, rebuilt: read });
    const found = await Promise.all(
      written.map(async (each) => [path.relative(folder, each), await readFile(each, 'utf8')]),
    );
    expect(found).toEqual([
      ['rebuilt/steady.deb', 'same'],
      ['rebuilt/unsteady.deb', 'first'],
      ['control/unsteady.deb', 'control'],
      ['rebuilt/a.buildinfo', 'about first'],
      ['control/a.buildinfo', 'about control'],
    ]);
  });

  it.each([
    ['one byte less', rebuilt.subarray(1)],
    ['one byte more', Buffer.concat([rebuilt, Buffer.of(0)])],
    ['another byte', Buffer.from('what wE rebuilt')],
  ])('gives no name to a copy with %s', async (_what, bytes) => {
    const folder = await temporaryFolder();
    const extracting = extractArtifacts(differing('a.deb'), folder, { ...sources, rebuilt: () => once(bytes) });
    await expect(extracting).rejects.toMatchObject({ code: 'BLOB_CORRUPT' });
    expect(await readdir(path.join(folder, 'rebuilt'))).toEqual([]);
  });

  it.each(['../a.deb', '/a.deb', 'a/b.deb', '..', '.', '', '-rf', '.hidden', 'a\nb', 'a\u0000', 'x'.repeat(256)])(
    'writes nothing for the name %j',
    async (name) => {
      const folder = path.join(await temporaryFolder(), 'out');
      await mkdir(folder);
      await expect(extractArtifacts(differing(name), folder, sources)).rejects.toMatchObject({ code: 'STORE_CORRUPT' });
      expect(await readdir(folder)).toEqual([]);
    },
  );
});
