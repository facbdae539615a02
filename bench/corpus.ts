/**
 * Rebuilds every row of a corpus of packages with known verdicts and prints a table: expected, found, seconds.
 *
 *   node bench/corpus.ts FOLDER [--only SOURCE]... [--slower-than SECONDS] [--nocheck] [-- ARGS FOR REPROOF]
 *
 * FOLDER holds rebuilds.tsv (columns by name: suite, source, version, verdict, tests_run, build_s_loaded). Rows whose
 * build took longer than --slower-than seconds are left out and listed. Ends with 1 when a verdict is another.
 */
import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

type Row = Readonly<Record<string, string>>;
type Result = { readonly kind: string; readonly reason: string; readonly seconds: number; readonly id: string };

const LAUNCHER = join(import.meta.dirname, '..', 'reproof');

function readTable(text: string): readonly Row[] {
  const [head = '', ...lines] = text.trimEnd().split('\n');
  const names = head.split('\t');
  return lines.map((line) => Object.fromEntries(line.split('\t').map((value, index) => [names[index] ?? '', value])));
}

/** "inconclusive: environment drift" and "unreproducible (nondeterministic; …)" as word and reason. */
function expectation(text: string): { readonly kind: string; readonly reason: string } {
  const [, kind = '', reason = ''] = /^([a-z-]+)(?:: | \()?([a-z ]*)/.exec(text) ?? [];
  return { kind, reason };
}

async function rebuild(row: Row, extra: readonly string[]): Promise<Result> {
  const begun = performance.now();
  const args = [
    'rebuild',
    `debian:${row.source}=${row.version}`,
    '--suite',
    row.suite ?? '',
    '--json',
    '--quiet',
    ...extra,
  ];
  const child = spawn(LAUNCHER, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  for await (const chunk of child.stdout) output += String(chunk);
  const seconds = (performance.now() - begun) / 1000;
  const answer = JSON.parse(output) as {
    id?: string;
    verdict?: { kind: string; reason?: string };
    error?: { code: string; message: string };
  };
  if (answer.verdict === undefined)
    return { kind: 'error', reason: `${answer.error?.code}: ${answer.error?.message}`, seconds, id: '' };
  return { kind: answer.verdict.kind, reason: answer.verdict.reason ?? '', seconds, id: answer.id ?? '' };
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    only: { type: 'string', multiple: true },
    'slower-than': { type: 'string' },
    nocheck: { type: 'boolean' },
  },
});
const [folder, ...extra] = positionals;
if (folder === undefined) {
  process.stderr.write(
    'usage: node bench/corpus.ts FOLDER [--only SOURCE]... [--slower-than SECONDS] [--nocheck] [-- ARGS FOR REPROOF]\n',
  );
  process.exit(64);
}

const rows = readTable(await readFile(join(folder, 'rebuilds.tsv'), 'utf8'));
const limit = Number(values['slower-than'] ?? Number.POSITIVE_INFINITY);
let other = 0;
for (const row of rows) {
  const name = `${row.suite}/${row.source} ${row.version}`;
  if (values.only !== undefined && !values.only.includes(row.source ?? '')) continue;
  if (Number(row.build_s_loaded) > limit) {
    process.stdout.write(`left out  ${name}: its build took ${row.build_s_loaded} s\n`);
    continue;
  }
  const expected = expectation(row.verdict ?? '');
  const found = await rebuild(row, [...extra, ...(values.nocheck || row.tests_run === 'no' ? ['--nocheck'] : [])]);
  const same = found.kind === expected.kind && (expected.reason === '' || found.reason === expected.reason);
  if (!same) other += 1;
  process.stdout.write(
    `${same ? 'as known ' : 'OTHER    '} ${name}: ${found.kind}${found.reason ? `: ${found.reason}` : ''} in ${found.seconds.toFixed(1)} s (${found.id})${same ? '' : `; known: ${row.verdict}`}\n`,
  );
}
process.stdout.write(`${other === 0 ? 'every verdict is the known one' : `${other} verdicts are others`}\n`);
process.exitCode = other === 0 ? 0 : 1;
