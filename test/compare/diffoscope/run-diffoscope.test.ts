import { chmodSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Comparison } from '../../../compare/index.ts';
import type { Difference } from '../../../model/index.ts';
import { runCli, temporaryFolder } from '../../helpers/run-cli.ts';

const JSON_1 =
  '{"diffoscope-json-version":1,"source1":"0","source2":"1","unified_diff":"@@ -1 +1 @@\\n-a\\u001b\\n+b\\n","comments":["said"],"details":[{"source1":"x","source2":"y","unified_diff":null}]}';
const PRINTED = `cat <<'END'\n${JSON_1}\nEND\n`;

/** Runs the comparison of two small files with a program of that name on PATH that does this. */
async function withProgram(
  script: string,
  options: readonly string[] = [],
): Promise<{ readonly comparison: Comparison; readonly said: Difference; readonly left: string[] }> {
  const home = await temporaryFolder();
  writeFileSync(join(home, 'a.txt'), 'a\n');
  writeFileSync(join(home, 'b.txt'), 'b\n');
  const version = 'if [ "$1" = --version ]; then echo "diffoscope 334"; exit 0; fi';
  writeFileSync(join(home, 'diffoscope'), `#!/bin/sh\n${version}\n${script}\n`);
  chmodSync(join(home, 'diffoscope'), 0o755);
  const environment = { PATH: `${home}:${process.env.PATH ?? ''}`, TMPDIR: home };
  const argv = ['compare', '--with', 'diffoscope', ...options, '--json', '-', 'a.txt', 'b.txt'];
  const result = await runCli(home, argv, environment);
  expect(result).toMatchObject({ status: 1, stderr: '' });
  const comparison = JSON.parse(result.stdout) as Comparison;
  return { comparison, said: comparison.difference?.children.at(-1) as Difference, left: readdirSync(home) };
}

describe('asking diffoscope, too', () => {
  it('adds what it says, with its version, and leaves nothing behind', async () => {
    const { comparison, said, left } = await withProgram(`${PRINTED}exit 1`);
    expect(said).toMatchObject({ kind: 'diffoscope', detail: 'what diffoscope 334 says', notes: ['said'] });
    expect(said.diff).toBe('@@ -1 +1 @@\n-a\\x1b\n+b\n');
    expect(comparison.programs).toContainEqual({ program: 'diffoscope', version: 'diffoscope 334' });
    expect(left.sort()).toEqual(['a.txt', 'b.txt', 'diffoscope']);
  });

  it('gives it copies that keep the ends of their names, and a temporary folder of its own', async () => {
    const { said } = await withProgram('echo "$TMPDIR $*" >&2; exit 2');
    expect(said.notes).toHaveLength(1);
    expect(said.notes[0]).toMatch(/^no report: it ended with status 2: run-2 --json=- .* 0\/file\.txt 1\/file\.txt$/);
  });

  it.each([
    ['echo "cannot read $8" >&2; exit 2', 'no report: it ended with status 2: cannot read'],
    [`${PRINTED}exit 2`, 'no report: it ended with status 2'],
    ['echo "{"; exit 1', 'FORMAT_MALFORMED: reading JSON: it ends early'],
    ['exit 0', 'it finds no difference'],
    ['kill -9 $$', 'PROGRAM_FAILED'],
  ])('notes %j and goes on', async (script, note) => {
    const { comparison, said } = await withProgram(script);
    expect(said.children).toEqual([]);
    expect(said.notes.join()).toContain(note);
    expect(comparison).toMatchObject({ identical: false, truncated: false });
  });

  it('keeps what it printed up to a limit, and says where it was ended', async () => {
    const opened = '{"diffoscope-json-version":1,"source1":"0","source2":"1","details":[{"source1":"x","source2":"x"},';
    const script = `printf '%s' '${opened}'; yes '{"source1":"y","source2":"y"},'`;
    const { comparison, said } = await withProgram(script, ['--limit', 'programBytes=200000', '--limit', 'nodes=50']);
    expect(said.children.slice(0, 2).map(({ path }) => path)).toEqual(['x', 'y']);
    expect(said.notes[0]).toBe('PROGRAM_LIMIT: running diffoscope: more than 200000 bytes of output');
    expect(said.notes[1]).toMatch(/^\d+ more are left out: a limit was reached$/);
    expect(said.truncated).toBe(true);
    expect(comparison.counts.nodes).toBeLessThanOrEqual(50);
  });

  it('is not run past the limit of program runs, and says so', async () => {
    const { comparison, said } = await withProgram('exit 0', ['--limit', 'programRuns=0']);
    expect(said).toMatchObject({
      notes: ['PROGRAM_LIMIT: not run: the limit of 0 programRuns was reached'],
      truncated: true,
    });
    expect(comparison.truncated).toBe(true);
  });
});
