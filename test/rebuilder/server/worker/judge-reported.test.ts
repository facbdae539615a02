import { describe, expect, it } from 'vitest';
import { judgeReported } from '../../../../rebuilder/server/worker/judge-reported.ts';
import type { ReportedArtifact, ReportedResult } from '../../../../rebuilder/worker-protocol/index.ts';

const [LISTED, OTHER] = ['a'.repeat(64), 'b'.repeat(64)];
const FILE = {
  name: 'hello',
  version: '1:2-3+b1',
  architecture: 'amd64',
  url: 'https://deb.example.org/hello_2-3+b1_amd64.deb',
  fileName: 'hello_2-3+b1_amd64.deb',
  sha256: LISTED,
  size: 10,
};
const SECOND = { ...FILE, name: 'hello-doc', fileName: 'hello-doc_2-3+b1_amd64.deb' };
const AT = '2026-01-01T00:00:00.000Z';

function identical(changes: Partial<ReportedArtifact> = {}): ReportedArtifact {
  const file = { sha256: LISTED, size: 10 };
  return { name: 'hello', fileName: FILE.fileName, verdict: 'identical', published: file, rebuilt: file, ...changes };
}

function differing(changes: Partial<ReportedArtifact> = {}): ReportedArtifact {
  return identical({ verdict: 'differs', rebuilt: { sha256: OTHER, size: 11 }, ...changes });
}

function result(artifacts: readonly ReportedArtifact[], changes: Partial<ReportedResult> = {}): ReportedResult {
  return { startedAt: AT, builtAt: AT, verdict: 'reproducible', artifacts, ...changes };
}

const nothing: ReadonlySet<string> = new Set();

describe("a worker's report", () => {
  it('is taken with the listed name, version and digest, whatever the worker calls the file', () => {
    const judged = judgeReported(
      [FILE],
      result([identical({ name: 'other', version: '9', architecture: 'all' })]),
      nothing,
    );
    expect(judged).toEqual({
      kind: 'judged',
      artifacts: [
        {
          name: 'hello',
          version: '1:2-3+b1',
          architecture: 'amd64',
          fileName: FILE.fileName,
          verdict: 'identical',
          status: 'GOOD',
          published: { sha256: LISTED, size: 10 },
          rebuilt: { sha256: LISTED, size: 10 },
          checkedHere: false,
        },
      ],
    });
  });

  it('is checked here only where the server has the rebuilt bytes, and they are the listed ones', () => {
    const checked = (artifact: ReportedArtifact, here: ReadonlySet<string>, file: object = FILE) => {
      const verdict = artifact.verdict === 'differs' ? 'unreproducible' : 'reproducible';
      const judged = judgeReported([file as typeof FILE], result([artifact], { verdict }), here);
      return judged.kind === 'judged' && judged.artifacts[0]?.checkedHere;
    };
    expect(checked(identical(), new Set([LISTED]))).toBe(true);
    expect(checked(identical(), new Set([OTHER]))).toBe(false);
    expect(checked(differing(), new Set([LISTED, OTHER]))).toBe(false);
    const { sha256: _, ...unlisted } = FILE;
    expect(checked(identical(), new Set([LISTED]), unlisted)).toBe(false);
  });

  it.each([
    ['a file that differs is called identical', [FILE], [differing({ verdict: 'identical' })], 'reproducible'],
    ['a file that is identical is said to differ', [FILE], [identical({ verdict: 'differs' })], 'unreproducible'],
    [
      'a file equals what the worker calls published, and not what is listed',
      [FILE],
      [identical({ published: { sha256: OTHER, size: 1 }, rebuilt: { sha256: OTHER, size: 1 } })],
      'reproducible',
    ],
    [
      'a file that did not come out is called identical',
      [FILE],
      [{ name: 'hello', fileName: FILE.fileName, verdict: 'identical' }],
      'reproducible',
    ],
    ["a file is another job's", [FILE], [identical(), identical({ fileName: 'other_1_amd64.deb' })], 'reproducible'],
    ["the job's file is called extra", [FILE], [identical({ verdict: 'extra' })], 'reproducible'],
    ['a file is there twice', [FILE], [identical(), identical()], 'reproducible'],
    ['a file of the job is left out', [FILE, SECOND], [identical()], 'reproducible'],
    ['no file is there', [FILE], [], 'reproducible'],
    ['the job has no files', [], [], 'reproducible'],
    ['one file differs', [FILE, SECOND], [identical(), differing({ fileName: SECOND.fileName })], 'reproducible'],
    ['all is identical and called unreproducible', [FILE], [identical()], 'unreproducible'],
    [
      'an extra file has no bytes',
      [FILE],
      [identical(), { name: 'x', fileName: 'x.deb', verdict: 'extra' }],
      'reproducible',
    ],
    [
      'an extra file was published',
      [FILE],
      [identical(), identical({ fileName: 'x.deb', verdict: 'extra' })],
      'reproducible',
    ],
  ] as const)('is refused where %s', (_, files, artifacts, verdict) => {
    const reported = result(artifacts, { verdict });
    expect(judgeReported(files, reported, new Set([LISTED, OTHER]))).toMatchObject({ kind: 'refused' });
  });

  it('may know less of a file than its digests say', () => {
    const { rebuilt: _, ...unknown } = identical({ verdict: 'unknown' });
    const reported = result([unknown], { verdict: 'inconclusive', reason: 'published files changed' });
    expect(judgeReported([FILE], reported, nothing)).toMatchObject({
      artifacts: [{ verdict: 'unknown', status: 'UNKWN' }],
    });
    const bold = result([unknown], { verdict: 'unreproducible' });
    expect(judgeReported([FILE], bold, nothing)).toMatchObject({ kind: 'refused' });
  });

  it('may have files that nobody listed, which are judged by nothing', () => {
    const extra = {
      name: 'hello-dbgsym',
      fileName: 'hello-dbgsym_2-3_amd64.deb',
      verdict: 'extra',
      rebuilt: { sha256: OTHER, size: 1 },
    } as const;
    const judged = judgeReported([FILE], result([identical(), extra]), new Set([OTHER]));
    expect(judged).toMatchObject({
      kind: 'judged',
      artifacts: [{}, { verdict: 'extra', status: 'UNKWN', checkedHere: false }],
    });
  });

  it('is held against the published digest that the worker found where none is listed, and against nothing where it found none', () => {
    const { sha256: _, size: __, ...unlisted } = FILE;
    const judged = judgeReported([unlisted], result([identical()]), nothing);
    expect(judged).toMatchObject({
      kind: 'judged',
      artifacts: [{ verdict: 'identical', published: { sha256: LISTED } }],
    });
    const { published: ___, ...unknown } = identical({ verdict: 'unknown' });
    const inconclusive = result([unknown], { verdict: 'inconclusive', reason: 'nothing published' });
    expect(judgeReported([unlisted], inconclusive, nothing)).toMatchObject({
      artifacts: [{ verdict: 'unknown', status: 'UNKWN' }],
    });
    expect(judgeReported([unlisted], result([unknown]), nothing)).toMatchObject({ kind: 'refused' });
  });

  it.each([
    ['unreproducible', undefined, 'BAD'],
    ['failed-to-build', undefined, 'BAD'],
    ['inconclusive', 'environment drift', 'UNKWN'],
    ['inconclusive', 'infrastructure', 'UNKWN'],
  ] as const)('that is %s (%s) says %s of a file that differs', (verdict, reason, status) => {
    const reported = result([differing()], { verdict, ...(reason === undefined ? {} : { reason }) });
    expect(judgeReported([FILE], reported, nothing)).toMatchObject({ kind: 'judged', artifacts: [{ status }] });
  });
});
