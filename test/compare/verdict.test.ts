import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type ControlResult, type Evidence, judge, judgeArtifacts } from '../../compare/index.ts';
import { type BuildOutcome, type FileDigest, sha256Of } from '../../model/index.ts';

const INPUTS = {
  basis: ['recorded', 'inferred'],
  attempt: ['no source', 'no environment', 'exceeded', 'infrastructure', 'failed', 'built'],
  files: ['identical', 'differ', 'missing', 'none'],
  control: ['not needed', 'skipped', 'failed', 'exceeded', 'infrastructure', 'same', 'other'],
} as const;
type Case = { readonly [name in keyof typeof INPUTS]: (typeof INPUTS)[name][number] };
type Row = Record<keyof typeof INPUTS, readonly string[]> & { verdict: string; reason: string };

function parseTable(markdown: string): Row[] {
  const lines = (markdown.split('<!-- verdict table:')[1] ?? '').split('\n').slice(1);
  const table = lines.slice(
    0,
    lines.findIndex((line) => !line.startsWith('|')),
  );
  return table.slice(2).map((line) => {
    const cells = line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim());
    if (cells.length !== 6) throw new Error(`not a row of six cells: ${line}`);
    const values = (name: keyof typeof INPUTS, cell: string): readonly string[] => {
      const known: readonly string[] = INPUTS[name];
      const given = cell === 'any' ? known : cell.split(', ');
      for (const value of given) if (!known.includes(value)) throw new Error(`unknown ${name} "${value}" in: ${line}`);
      return given;
    };
    const [basis = '', attempt = '', files = '', control = '', verdict = '', reason = ''] = cells;
    return {
      basis: values('basis', basis),
      attempt: values('attempt', attempt),
      files: values('files', files),
      control: values('control', control),
      verdict,
      reason,
    };
  });
}

const markdown = readFileSync(new URL('../../docs/verdicts.md', import.meta.url), 'utf8');
const rows = parseTable(markdown);
const cases: readonly Case[] = INPUTS.basis.flatMap((basis) =>
  INPUTS.attempt.flatMap((attempt) =>
    INPUTS.files.flatMap((files) => INPUTS.control.map((control) => ({ basis, attempt, files, control }))),
  ),
);
const rowsOf = (one: Case): Row[] =>
  rows.filter((row) => (Object.keys(INPUTS) as (keyof Case)[]).every((name) => row[name].includes(one[name])));

const file = (name: string, content: string): FileDigest => ({ name, size: content.length, sha256: sha256Of(content) });
const failed: BuildOutcome = { kind: 'failed', phase: 'build', exitStatus: 2, notes: [] };
const exceeded: BuildOutcome = { kind: 'exceeded', limit: 'wall-time', value: 60 };
const infrastructure: BuildOutcome = { kind: 'infrastructure', code: 'ENGINE_FAILED', message: 'it went away' };

/** Evidence of one combination. `a` is as published and steady in all of them; `b` carries the case; `x` is extra. */
function evidenceOf({ basis, attempt, files, control }: Case): Evidence {
  if (attempt === 'no source') return { kind: 'unavailable', what: 'source', missing: ['x.dsc'] };
  if (attempt === 'no environment') return { kind: 'unavailable', what: 'environment', missing: ['gcc=1'] };
  const published = files === 'none' ? [] : [file('a_1.deb', 'a'), file('b_1.deb', 'b')];
  const extra = file('x-dbgsym_1.deb', 'x');
  const ours = files === 'identical' ? [file('b_1.deb', 'b')] : files === 'missing' ? [] : [file('b_1.deb', 'drifted')];
  const rebuilt = [file('a_1.deb', 'a'), ...ours, extra];
  const again = control === 'other' ? [file('b_1.deb', 'unsteady')] : ours;
  const controls: Record<Case['control'], ControlResult> = {
    'not needed': { kind: 'not needed' },
    skipped: { kind: 'skipped' },
    failed: { kind: 'ran', outcome: failed, artifacts: [] },
    exceeded: { kind: 'ran', outcome: exceeded, artifacts: [] },
    infrastructure: { kind: 'ran', outcome: infrastructure, artifacts: [] },
    same: { kind: 'ran', outcome: { kind: 'built' }, artifacts: [file('a_1.deb', 'a'), ...again, extra] },
    other: { kind: 'ran', outcome: { kind: 'built' }, artifacts: [file('a_1.deb', 'a'), ...again, extra] },
  };
  const outcome = { built: { kind: 'built' } as const, failed, exceeded, infrastructure }[attempt];
  const artifacts = judgeArtifacts(published, rebuilt);
  return { kind: 'attempted', basis, suite: 'trixie', outcome, artifacts, rebuilt, control: controls[control] };
}

function attempted(change: Partial<Extract<Evidence, { kind: 'attempted' }>>): Evidence {
  const base = evidenceOf({ basis: 'inferred', attempt: 'built', files: 'differ', control: 'same' });
  return { ...base, ...change } as Evidence;
}

describe('the table of docs/verdicts.md', () => {
  it('has every combination of inputs in exactly one row, and no row without one', () => {
    expect(cases.length).toBe(2 * 6 * 4 * 7);
    expect(cases.filter((one) => rowsOf(one).length !== 1)).toEqual([]);
    expect(rows.filter((row) => !cases.some((one) => rowsOf(one).includes(row)))).toEqual([]);
  });

  it('does not take a row with a value it does not know, or with a cell too few', () => {
    const spoilt = (from: string, to: string): string => markdown.replace(from, to);
    expect(() => parseTable(spoilt('| built | none | other |', '| built | nothing | other |'))).toThrow(
      'unknown files',
    );
    expect(() => parseTable(spoilt('| built | none | other |', '| built | none |'))).toThrow('not a row');
  });

  it.each(rows.map((row, index) => [index + 1, row.verdict, row.reason, row] as const))(
    'row %i gives %s %s',
    (_number, verdict, reason, row) => {
      const mine = cases.filter((one) => rowsOf(one).includes(row));
      expect(mine.length).toBeGreaterThan(0);
      for (const one of mine) {
        const got = judge(evidenceOf(one));
        expect(`${got.kind} ${'reason' in got ? got.reason : ''}`.trim(), JSON.stringify(one)).toBe(
          `${verdict} ${reason}`.trim(),
        );
      }
    },
  );
});

describe('judging a rebuild', () => {
  it('says what is missing, the limit and its value, and where a build failed', () => {
    expect(judge({ kind: 'unavailable', what: 'environment', missing: ['gcc=1', 'make=2'] }).detail).toContain(
      'gcc=1, make=2',
    );
    expect(judge(attempted({ outcome: exceeded })).detail).toBe('stopped by the wall-time limit of 60 s');
    expect(judge(attempted({ outcome: failed })).detail).toBe(
      'the build phase ended with status 2 in trixie as it is now',
    );
    expect(judge(attempted({ outcome: failed, basis: 'recorded' })).detail).toContain('in the recorded environment');
  });

  it('names the files that two rebuilds disagree on, and not those that only drifted', () => {
    const published = [file('a.deb', '1'), file('b.deb', '1')];
    const rebuilt = [file('a.deb', '2'), file('b.deb', '2')];
    const control: ControlResult = {
      kind: 'ran',
      outcome: { kind: 'built' },
      artifacts: [file('a.deb', '2'), file('b.deb', '3')],
    };
    const got = judge(attempted({ artifacts: judgeArtifacts(published, rebuilt), rebuilt, control }));
    expect(got).toMatchObject({
      reason: 'nondeterministic',
      detail: expect.stringMatching(/^two rebuilds differ in b\.deb;/),
    });
  });

  it('calls a file that only the control rebuild left nondeterministic', () => {
    const artifacts = judgeArtifacts([file('a.deb', '1')], []);
    const control: ControlResult = { kind: 'ran', outcome: { kind: 'built' }, artifacts: [file('a.deb', '1')] };
    expect(judge(attempted({ artifacts, rebuilt: [], control }))).toMatchObject({ reason: 'nondeterministic' });
  });

  it('does not call rebuilds without any file agreement, let alone reproducible', () => {
    const control: ControlResult = { kind: 'ran', outcome: { kind: 'built' }, artifacts: [] };
    const got = judge(attempted({ artifacts: [], rebuilt: [], control }));
    expect(got).toMatchObject({
      reason: 'nothing published',
      detail: expect.stringContaining('neither rebuild left a file'),
    });
  });

  it('mentions extra files and never judges them', () => {
    const artifacts = judgeArtifacts([file('a.deb', '1')], [file('a.deb', '1'), file('b.deb', '2')]);
    const got = judge(attempted({ artifacts, control: { kind: 'not needed' } }));
    expect(got).toMatchObject({
      kind: 'reproducible',
      detail: expect.stringContaining('1 file more came out, not judged'),
    });
  });

  it('does not believe the word identical against the digests', () => {
    const artifacts = [{ kind: 'identical', name: 'a', published: file('a', '1'), rebuilt: file('a', '2') }] as const;
    expect(() => judge(attempted({ artifacts }))).toThrow('called identical');
  });
});

describe('judging artifacts', () => {
  it('pairs by name, whatever the order, and sorts by name', () => {
    const published = [file('c', '1'), file('a', '1'), file('b', '1')];
    const rebuilt = [file('d', '1'), file('b', '2'), file('c', '1')];
    const expected = ['a missing', 'b differs', 'c identical', 'd extra'];
    const words = (left: FileDigest[], right: FileDigest[]): string[] =>
      judgeArtifacts(left, right).map((artifact) => `${artifact.name} ${artifact.kind}`);
    expect(words(published, rebuilt)).toEqual(expected);
    expect(words(published.toReversed(), rebuilt.toReversed())).toEqual(expected);
  });

  it('asks for equal digests and equal sizes, both', () => {
    const one = file('a', '1');
    expect(judgeArtifacts([one], [{ ...one, size: 2 }])[0]?.kind).toBe('differs');
    expect(judgeArtifacts([one], [{ ...one, sha256: sha256Of('2') }])[0]?.kind).toBe('differs');
  });

  it('judges only what was asked for, by package or by file name', () => {
    const list = [file('less_668-1_amd64.deb', '1'), file('less-doc_668-1_all.deb', '1')];
    const names = (only: string[]): string[] => judgeArtifacts(list, list, only).map((artifact) => artifact.name);
    expect(names(['less'])).toEqual(['less_668-1_amd64.deb']);
    expect(names(['less-doc_668-1_all.deb'])).toEqual(['less-doc_668-1_all.deb']);
    expect(names(['les'])).toEqual([]);
  });

  it('does not choose between two rebuilt files of one name', () => {
    expect(() => judgeArtifacts([], [file('a', '1'), file('a', '2')])).toThrow('share a name');
  });
});
