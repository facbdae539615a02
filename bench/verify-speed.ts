/**
 * How long one pack takes to verify from a cold start of the command line, beside Node that does nothing and cosign on one
 * of the pack's two bundles, in one run; and how large proofs are beside the least they can be.
 *
 *   node bench/verify-speed.ts [--rounds N] [--source]
 *
 * The program is compiled first, as it is installed; --source runs the sources instead. The goal is 150 ms on a machine
 * that does nothing else: the ratios say more on one that does.
 */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { layOut, readPack } from '../attest/pack/index.ts';
import { COMPARISON_TYPE } from '../attest/statement/index.ts';
import { inclusionRanges } from '../attest/tlog/index.ts';
import { cosignProgram } from '../test/helpers/foreign-verifiers.ts';
import {
  attest,
  FILE,
  FILE_BYTES,
  packBytes,
  policyBytes,
  policyRebuilder,
  realFacts,
  sampleFacts,
  sampleRebuilder,
  statementsOf,
} from '../test/helpers/verify-lab.ts';

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '15' }, source: { type: 'boolean', default: false } },
});
const root = resolve(import.meta.dirname, '..');
const folder = mkdtempSync(join(tmpdir(), 'reproof-verify-speed-'));

function run(argv: readonly string[], cwd = folder): void {
  const [program = '', ...rest] = argv;
  const { status, stderr } = spawnSync(program, rest, { cwd, encoding: 'utf8', env: { ...process.env, HOME: folder } });
  if (status !== 0) throw new Error(`${argv.join(' ')}: ${status}: ${stderr}`);
}

/** Where the command line is: compiled, with the packages of this checkout beside it. */
function mainFile(): string {
  if (values.source) return join(root, 'rebuilder/cli/main.ts');
  const dist = join(folder, 'installed', 'dist');
  mkdirSync(join(folder, 'installed'));
  run([join(root, 'node_modules/.bin/tsc'), '-p', join(root, 'tsconfig.build.json'), '--outDir', dist], root);
  copyFileSync(join(root, 'package.json'), join(folder, 'installed', 'package.json'));
  symlinkSync(join(root, 'node_modules'), join(folder, 'installed', 'node_modules'));
  return join(dist, 'rebuilder/cli/main.js');
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((left, right) => left - right)[Math.floor(numbers.length / 2)] ?? 0;
}

try {
  const ours = sampleRebuilder();
  // The statements of a small file, and the provenance of a real build with its 211 packages beside them.
  const provenance = statementsOf(realFacts()).slice(1);
  const attested = await attest(ours, [...statementsOf(sampleFacts()), ...provenance]);
  const pack = await packBytes(ours, attested);
  writeFileSync(join(folder, 'x.tar'), pack);
  for (const { name, bytes } of layOut(await readPack([pack])).files) writeFileSync(join(folder, name), bytes);
  writeFileSync(join(folder, FILE.name), FILE_BYTES);
  writeFileSync(join(folder, 'policy.yaml'), policyBytes([policyRebuilder(ours, 'ours')]));
  const main = mainFile();
  const cosign = [
    await cosignProgram(),
    'verify-blob-attestation',
    '--bundle',
    `${FILE.name}.comparison.sigstore.json`,
  ];
  const trust = ['--key', 'statement.pub', '--trusted-root', 'trusted-root.json', '--type', COMPARISON_TYPE];
  const cases: readonly (readonly [string, readonly string[]])[] = [
    ['node -e 0', [process.execPath, '-e', '0']],
    ['reproof verify', [process.execPath, main, 'verify', FILE.name, '--policy', 'policy.yaml', '--evidence', 'x.tar']],
    ['cosign, one bundle', [...cosign, ...trust, FILE.name]],
  ];
  const times = new Map<string, number[]>(cases.map(([name]) => [name, []]));
  for (let round = -1; round < Number(values.rounds); round++)
    for (const [name, argv] of cases) {
      const begun = performance.now();
      run(argv);
      if (round >= 0) times.get(name)?.push(performance.now() - begun);
    }
  const bare = median(times.get('node -e 0') ?? []);
  console.log(
    `| one pack, ${pack.length} bytes, ${attested.bundles.length} statements | least ms | median ms | times node |`,
  );
  console.log('|---|---|---|---|');
  for (const [name, all] of times)
    console.log(
      `| ${name} | ${Math.min(...all).toFixed(0)} | ${median(all).toFixed(0)} | ${(median(all) / bare).toFixed(1)} |`,
    );
  console.log('\n| tree | hashes of a proof | bytes at least | bytes in a bundle |');
  console.log('|---|---|---|---|');
  for (const size of [1, 8, 1_000, 1_000_000, 1_000_000_000]) {
    const hashes = inclusionRanges(size - 1, size).length;
    const most = inclusionRanges(0, size).length;
    // Each hash is 44 characters of base64, two quotes and a comma.
    console.log(`| ${size} | ${hashes} to ${most} | ${most * 32} | ${most * 47} |`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
