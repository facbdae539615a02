import { gunzipSync, gzipSync, zstdDecompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { canonicalJson, type RebuildRecord, ReproofError, type Sha256 } from '../../../model/index.ts';
import { rebuilderExecutor } from '../../../rebuilder/queue/index.ts';
import { targetOf } from '../../../rebuilder/queue/run-job.ts';
import type { RebuildOrder, Watch } from '../../../rebuilder/rebuilder-options.ts';
import { openBlobs } from '../../../rebuilder/store/index.ts';
import type { LeasedJob } from '../../../rebuilder/store/jobs/types.ts';
import type { BuildInput } from '../../../rebuilder/store/packages/types.ts';
import { sampleRecord } from '../../helpers/sample-record.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

const deb = 'less_668-1_amd64.deb';
const listed = { name: 'less', version: '668-1', architecture: 'amd64', url: `https://deb.example.org/${deb}` };
const input: BuildInput = {
  id: 1,
  distribution: 'debian',
  source: 'less',
  version: '668-1',
  architecture: 'amd64',
  release: 'trixie',
  files: [{ ...listed, fileName: deb, sha256: '4'.repeat(64), size: 161200 }],
};
const job = {
  id: 1,
  buildInputId: 1,
  kind: 'new',
  priority: 1,
  queuedAt: '2026-01-01T00:00:00.000Z',
  state: 'leased',
  cancelRequested: false,
  source: 'less',
  version: '668-1',
  distribution: 'debian',
  architecture: 'amd64',
} as const;
const leased: LeasedJob = { job, lease: 1, expiresAt: '2026-01-01T00:09:00.000Z', input };

async function openLab(rebuild: (order: RebuildOrder, watch: Watch) => Promise<RebuildRecord>) {
  const blobs = await openBlobs(await temporaryFolder());
  const executor = rebuilderExecutor({
    rebuilder: { rebuild },
    blobs,
    now: () => new Date('2026-01-02T00:00:00.000Z'),
    nocheck: false,
    control: true,
    checkedHere: true,
  });
  const bytes = async (sha256: Sha256 | undefined): Promise<Buffer> =>
    Buffer.concat(await Array.fromAsync(blobs.read(sha256 ?? '')));
  const put = async (content: Buffer): Promise<Sha256> =>
    (
      await blobs.put(
        'test',
        (async function* () {
          yield content;
        })(),
        1_000_000,
      )
    ).sha256;
  const said: string[] = [];
  const run = (signal = new AbortController().signal) =>
    executor.run(leased, { signal, stage: (stage) => said.push(stage), log: (line) => said.push(line) });
  return { run, bytes, put, said };
}

describe('what is asked of the rebuilder', () => {
  it('is the version in its suite, by name', () => {
    expect(targetOf(input)).toEqual({
      kind: 'name',
      ecosystem: 'debian',
      name: 'less',
      version: '668-1',
      suite: 'trixie',
      architecture: 'amd64',
    });
  });

  it('leaves the machine open for what is built for every architecture', () => {
    expect(targetOf({ ...input, architecture: 'all' })).not.toHaveProperty('architecture');
  });

  it('is the .buildinfo where files are known by their address alone', () => {
    const url = 'https://buildinfo.example.org/less_668-1_amd64.buildinfo';
    expect(targetOf({ ...input, url })).toMatchObject({ kind: 'name' });
    expect(targetOf({ ...input, url, files: [{ ...listed, fileName: deb }] })).toEqual({
      kind: 'buildinfo',
      ecosystem: 'debian',
      location: url,
      suite: 'trixie',
    });
  });
});

describe('a job run through a rebuilder', () => {
  it('gives the result of its record, and tells stages and log on the way', async () => {
    const orders: RebuildOrder[] = [];
    const lab = await openLab(async (order, { report }) => {
      orders.push(order);
      report({ kind: 'stage', stage: 'build', state: 'started' });
      report({ kind: 'log', line: 'gcc -c' });
      report({ kind: 'stage', stage: 'build', state: 'done' });
      return record;
    });
    const log = gzipSync('[    0.100] gcc -c\n');
    const [attempt] = sampleRecord('0123456789ab').attempts;
    const record = sampleRecord('0123456789ab', {
      attempts: [{ ...attempt!, log: { blob: await lab.put(log), bytes: 19, truncated: false } }],
      verdict: { kind: 'unreproducible', reason: 'different', detail: '' },
      artifacts: [
        {
          kind: 'differs',
          name: deb,
          published: { name: deb, size: 161200, sha256: '4'.repeat(64) },
          rebuilt: { name: deb, size: 161201, sha256: '5'.repeat(64) },
        },
      ],
      differences: [{ path: deb, kind: 'deb', notes: ['a note'], children: [], truncated: false }],
    });
    const entry = await lab.run();
    expect(orders).toMatchObject([{ target: { name: 'less' }, only: ['less'], control: true, nocheck: false }]);
    expect(lab.said).toEqual(['build', 'gcc -c']);
    expect(entry).toMatchObject({ status: 'BAD', decides: true, log: { bytes: 19, truncated: false } });
    expect(zstdDecompressSync(await lab.bytes(entry.log?.sha256))).toEqual(gunzipSync(log));
    expect((await lab.bytes(entry.record)).toString()).toBe(canonicalJson(record));
    const [artifact] = entry.artifacts;
    expect((await lab.bytes(artifact?.difference)).toString()).toBe(canonicalJson(record.differences[0]));
    expect((await lab.bytes(artifact?.report)).toString()).toContain('* a note');
  });

  it('is our failure where the rebuilder throws, with a log that says why', async () => {
    const lab = await openLab(() => Promise.reject(new ReproofError('TARGET_UNKNOWN', 'looking for less: no 668-1')));
    const entry = await lab.run();
    expect(entry).toMatchObject({ status: 'FAIL', decides: false, reason: 'source unavailable' });
    const log = zstdDecompressSync(await lab.bytes(entry.log?.sha256)).toString();
    expect(log).toBe('reproof: TARGET_UNKNOWN: looking for less: no 668-1\n');
    expect(entry.log?.bytes).toBe(Buffer.byteLength(log));
  });

  it('is our failure where its log cannot be read', async () => {
    const lab = await openLab(async () => sampleRecord('0123456789ab'));
    expect(await lab.run()).toMatchObject({ status: 'FAIL', detail: expect.stringContaining('BLOB_CORRUPT') });
  });

  it('throws when it is told to stop', async () => {
    const controller = new AbortController();
    const lab = await openLab(async (_order, { signal }) => {
      controller.abort(new ReproofError('INTERRUPTED', 'stop'));
      signal.throwIfAborted();
      return sampleRecord('0123456789ab');
    });
    await expect(lab.run(controller.signal)).rejects.toMatchObject({ code: 'INTERRUPTED' });
  });
});
