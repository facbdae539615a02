import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type ArtifactVerdict, type RebuildRecord, ReproofError, type Verdict } from '../../../model/index.ts';
import { failedResult, resultOf } from '../../../rebuilder/queue/index.ts';
import type { BuildInput } from '../../../rebuilder/store/packages/types.ts';
import { sampleRecord } from '../../helpers/sample-record.ts';

const sha = (digit: string): string => digit.repeat(64);
const file = (name: string, digit = '4', size = 161200) => ({ name, size, sha256: sha(digit) });
const deb = 'less_668-1_amd64.deb';

const input: BuildInput = {
  id: 1,
  distribution: 'debian',
  source: 'less',
  version: '668-1',
  architecture: 'amd64',
  release: 'trixie',
  files: [
    {
      name: 'less',
      version: '668-1',
      architecture: 'amd64',
      url: `https://deb.example.org/${deb}`,
      fileName: deb,
      sha256: sha('4'),
      size: 161200,
    },
  ],
};

const identical: ArtifactVerdict = { kind: 'identical', name: deb, published: file(deb), rebuilt: file(deb) };
const differs: ArtifactVerdict = { kind: 'differs', name: deb, published: file(deb), rebuilt: file(deb, '9', 7) };
const missing: ArtifactVerdict = { kind: 'missing', name: deb, published: file(deb) };

function result(verdict: Verdict, artifacts: readonly ArtifactVerdict[], changes: Partial<RebuildRecord> = {}) {
  return resultOf(sampleRecord('0123456789ab', { verdict, artifacts, ...changes }), input, { checkedHere: true });
}

/** The rows of the table in docs/service.md. */
function tableRows(): readonly (readonly [string, string, string, string, string])[] {
  const text = readFileSync(join(import.meta.dirname, '../../../docs/service.md'), 'utf8');
  const table = /<!-- status table[^>]*-->\n([\s\S]*?)\n\n/.exec(text)?.[1] ?? '';
  return table
    .split('\n')
    .slice(2)
    .map(
      (line) =>
        line
          .split('|')
          .slice(1, 6)
          .map((cell) => cell.trim()) as unknown as [string, string, string, string, string],
    );
}

describe('the result of a record', () => {
  it.each(tableRows())('is for %s (%s) as the table says: %s, %s', (kind, reason, status, decides, fileStatus) => {
    const verdict = { kind, detail: 'why', ...(reason === '' ? {} : { reason }) } as Verdict;
    const artifacts = kind === 'reproducible' ? [identical] : fileStatus === 'none' ? [] : [differs];
    const entry = result(verdict, artifacts);
    expect(entry).toMatchObject({ status, decides: decides === 'yes', verdict: kind, detail: 'why' });
    expect(entry.reason ?? '').toBe(reason);
    expect(entry.artifacts.map((artifact) => artifact.status)).toEqual(fileStatus === 'none' ? [] : [fileStatus]);
  });

  it('has every word and reason in the table', () => {
    expect(tableRows()).toHaveLength(11);
  });

  it('carries times, the build’s own, and its end', () => {
    expect(result({ kind: 'reproducible', detail: '' }, [identical])).toMatchObject({
      origin: 'ours',
      rebuildId: '0123456789ab',
      startedAt: '2026-01-02T03:04:05.000Z',
      builtAt: '2026-01-02T03:04:06.500Z',
      wallSeconds: 31.25,
      exitStatus: 0,
      artifacts: [
        {
          name: 'less',
          version: '668-1',
          architecture: 'amd64',
          verdict: 'identical',
          published: { sha256: sha('4'), size: 161200 },
          rebuilt: { sha256: sha('4'), size: 161200 },
          checkedHere: true,
        },
      ],
    });
  });

  it('knows nothing of a file that the archive has with other bytes than are listed', () => {
    const other = { ...identical, published: file(deb, '5'), rebuilt: file(deb, '5') } as ArtifactVerdict;
    for (const [verdict, artifact] of [
      [{ kind: 'reproducible', detail: 'all' }, other],
      [
        { kind: 'unreproducible', reason: 'different', detail: 'it differs' },
        { ...differs, published: file(deb, '5') } as ArtifactVerdict,
      ],
      [
        { kind: 'reproducible', detail: 'all' },
        { ...identical, name: 'less_669-1_amd64.deb' },
      ],
    ] as const) {
      const entry = result(verdict, [artifact]);
      expect(entry).toMatchObject({
        status: 'UNKWN',
        verdict: 'inconclusive',
        reason: 'published files changed',
        decides: false,
      });
      expect(entry.detail).toContain(deb);
      expect(entry.artifacts).toMatchObject([
        { verdict: 'unknown', status: 'UNKWN', checkedHere: false, published: { sha256: sha('4') } },
      ]);
    }
  });

  it('takes the archive’s word for a file that was named by its address alone', () => {
    const unnamed = { ...input, files: input.files.map(({ sha256: _, size: __, ...rest }) => rest) };
    const record = sampleRecord('0123456789ab', { artifacts: [identical] });
    expect(resultOf(record, unnamed, { checkedHere: true })).toMatchObject({
      status: 'GOOD',
      artifacts: [{ published: { sha256: sha('4') }, checkedHere: true }],
    });
  });

  it('counts an identical file as reproduced even where another of the build is not', () => {
    const doc = 'less-doc_668-1_all.deb';
    const [less] = input.files;
    const both = { ...input, files: [...input.files, { ...less!, name: 'less-doc', fileName: doc }] };
    const record = sampleRecord('0123456789ab', {
      verdict: { kind: 'inconclusive', reason: 'environment drift', detail: '' },
      artifacts: [identical, { ...differs, name: doc, published: file(doc) } as ArtifactVerdict],
    });
    const entry = resultOf(record, both, { checkedHere: true });
    expect(entry.artifacts.map(({ status }) => status)).toEqual(['GOOD', 'UNKWN']);
  });

  it('lists what came out beside, which is never judged', () => {
    const name = 'less-dbgsym_668-1_amd64.deb';
    const extra: ArtifactVerdict = { kind: 'extra', name, rebuilt: file(name) };
    const odd: ArtifactVerdict = { kind: 'extra', name: '../odd', rebuilt: file('../odd') };
    const entry = result({ kind: 'reproducible', detail: '' }, [identical, extra, odd]);
    expect(entry.artifacts.slice(1)).toEqual([
      {
        name: 'less-dbgsym',
        version: '668-1',
        architecture: 'amd64',
        fileName: name,
        verdict: 'extra',
        status: 'UNKWN',
        rebuilt: { sha256: sha('4'), size: 161200 },
        checkedHere: false,
      },
      expect.objectContaining({ name: '../odd', fileName: '../odd', verdict: 'extra' }),
    ]);
  });

  it('has the difference of a file that differs, and no rebuilt file of one that is missing', () => {
    const differences = new Map([[deb, { difference: sha('a'), report: sha('b') }]]);
    const verdict: Verdict = { kind: 'unreproducible', reason: 'different', detail: '' };
    const record = sampleRecord('0123456789ab', { verdict, artifacts: [differs] });
    expect(resultOf(record, input, { checkedHere: true, differences }).artifacts).toMatchObject([
      { verdict: 'differs', status: 'BAD', difference: sha('a'), report: sha('b'), rebuilt: { size: 7 } },
    ]);
    const [none] = result(verdict, [missing]).artifacts;
    expect(none).toMatchObject({ verdict: 'missing', status: 'BAD' });
    expect(none).not.toHaveProperty('rebuilt');
  });

  it('says of a build that a limit stopped that it needs more than that', () => {
    const verdict: Verdict = { kind: 'inconclusive', reason: 'limit exceeded', detail: '' };
    const [attempt] = sampleRecord('x').attempts;
    const stopped = (limit: 'memory' | 'disk' | 'wall-time') =>
      result(verdict, [], { attempts: [{ ...attempt!, outcome: { kind: 'exceeded', limit, value: 1000 } }] });
    expect(stopped('memory')).toMatchObject({ memoryBytes: 1001, status: 'FAIL' });
    expect(stopped('disk')).toMatchObject({ diskBytes: 1001 });
    expect(stopped('wall-time')).not.toHaveProperty('memoryBytes');
  });

  it('has the status a failed build ended with', () => {
    const [attempt] = sampleRecord('x').attempts;
    const outcome = { kind: 'failed', phase: 'build', exitStatus: 3, notes: [] } as const;
    const verdict: Verdict = { kind: 'failed-to-build', detail: '' };
    expect(result(verdict, [], { attempts: [{ ...attempt!, outcome }] })).toMatchObject({
      exitStatus: 3,
      status: 'BAD',
      artifacts: [{ verdict: 'missing', status: 'BAD' }],
    });
  });
});

describe('a build that threw', () => {
  const times = { startedAt: '2026-01-01T00:00:00.000Z', builtAt: '2026-01-01T00:00:01.000Z' };

  it.each([
    [new ReproofError('TARGET_UNKNOWN', 'no such version'), 'source unavailable', 'TARGET_UNKNOWN: no such version'],
    [new ReproofError('ENGINE_UNAVAILABLE', 'no engine'), 'infrastructure', 'ENGINE_UNAVAILABLE: no engine'],
    [new TypeError('x is undefined'), 'infrastructure', 'INTERNAL: x is undefined'],
    ['odd', 'infrastructure', 'INTERNAL: odd'],
  ])('is our failure: %s', (error, reason, detail) => {
    expect(failedResult(error, times)).toEqual({
      origin: 'ours',
      ...times,
      status: 'FAIL',
      verdict: 'inconclusive',
      reason,
      detail,
      decides: false,
      artifacts: [],
    });
  });
});
