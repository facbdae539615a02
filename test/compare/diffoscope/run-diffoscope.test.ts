import { chmodSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readDiffoscopeJson } from '../../../compare/diffoscope/read-diffoscope-json.ts';
import type { Comparison } from '../../../compare/index.ts';
import type { Difference } from '../../../model/index.ts';
import { runCli, temporaryFolder } from '../../helpers/run-cli.ts';

const JSON_1 =
  '{"diffoscope-json-version":1,"source1":"0","source2":"1","unified_diff":"@@ -1 +1 @@\\n-a\\u001b\\n+b\\n","comments":["said"],"details":[{"source1":"x","source2":"y","unified_diff":null}]}';

const room = { takeNode: () => true, takeBytes: () => true };

/** Runs the comparison of two small files with a program of that name on PATH that does this. */
async function withProgram(
  script: string | undefined,
): Promise<{ readonly said: Difference; readonly left: string[] }> {
  const home = await temporaryFolder();
  writeFileSync(join(home, 'a.txt'), 'a\n');
  writeFileSync(join(home, 'b.txt'), 'b\n');
  const version = 'if [ "$1" = --version ]; then echo "diffoscope 334"; exit 0; fi';
  if (script !== undefined) {
    writeFileSync(join(home, 'diffoscope'), `#!/bin/sh\n${version}\n${script}\n`);
    chmodSync(join(home, 'diffoscope'), 0o755);
  }
  const environment = { PATH: `${home}:${process.env.PATH ?? ''}`, TMPDIR: home };
  const result = await runCli(home, ['compare', '--with', 'diffoscope', '--json', '-', 'a.txt', 'b.txt'], environment);
  expect(result).toMatchObject({ status: 1, stderr: '' });
  const { difference } = JSON.parse(result.stdout) as Comparison;
  return { said: difference?.children.at(-1) as Difference, left: readdirSync(home) };
}

describe('asking diffoscope, too', () => {
  it('adds what it says, with its version, and leaves nothing behind', async () => {
    const { said, left } = await withProgram(`cat <<'END'\n${JSON_1}\nEND\nexit 1`);
    expect(said).toMatchObject({ kind: 'diffoscope', detail: 'what diffoscope 334 says', notes: ['said'] });
    expect(said.diff).toBe('@@ -1 +1 @@\n-a\\x1b\n+b\n');
    expect(left.sort()).toEqual(['a.txt', 'b.txt', 'diffoscope']);
  });

  it('gives it copies that keep the ends of their names, and a temporary folder of its own', async () => {
    const { said } = await withProgram('echo "$TMPDIR $*" >&2; exit 2');
    expect(said.notes[0]).toMatch(/^no report: it ended with status 2: \S+\/run-\S+ --json=- .*\/0\.txt \S+\/1\.txt$/);
  });

  it.each([
    ['exit 2', 'no report: it ended with status 2'],
    ['echo "{"; exit 1', 'FORMAT_MALFORMED'],
    ['exit 0', 'it finds no difference'],
    ['kill -9 $$', 'PROGRAM_FAILED'],
  ])('notes %j and goes on', async (script, note) => {
    const { said } = await withProgram(script);
    expect(said.children).toEqual([]);
    expect(said.notes.join()).toContain(note);
  });
});

describe("reading diffoscope's JSON", () => {
  it.each(['', '[]', '{"diffoscope-json-version":2}', '{"diffoscope-json-version":1,"source1":1}'])(
    'refuses %j',
    (text) => {
      expect(() => readDiffoscopeJson(text, room)).toThrow(expect.objectContaining({ code: 'FORMAT_MALFORMED' }));
    },
  );

  it('says what there was no room for', () => {
    const cut = readDiffoscopeJson(JSON_1, { takeNode: () => false, takeBytes: () => false });
    expect(cut).toMatchObject({ children: [], truncated: true });
    expect(cut.notes).toEqual([
      'said',
      '1 more are left out: a limit was reached',
      'its lines are left out: the limit of the report was reached',
    ]);
  });
});
