/**
 * Compares packages and holds what is said against independent judges: cmp for equality; dpkg-deb, GNU tar and sha256sum
 * for the set of members that differ; diffoscope, when named, for the files it reports.
 *
 *   node bench/judges.ts FOLDER... [--diffoscope-root DIR] [--diffoscope-seconds SECONDS] [--max-bytes BYTES]
 *
 * A FOLDER holds .deb files, of which adjacent versions of one package are compared, or folders of two folders with
 * files of the same names (archive and rebuilt). --diffoscope-root is a root file system with diffoscope in it, entered
 * with chroot. Ends with 1 when a judge disagrees.
 */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { explain, fileSource } from '../compare/index.ts';
import { differingMembers, membersByTools, reportedMembers } from './deb-members.ts';

type Pair = { readonly left: string; readonly right: string };

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    'diffoscope-root': { type: 'string' },
    'diffoscope-seconds': { type: 'string', default: '300' },
    'max-bytes': { type: 'string', default: '100000000' },
  },
});

function pairsOf(folder: string): readonly Pair[] {
  const entries = readdirSync(folder, { withFileTypes: true });
  const debs = entries.filter((entry) => entry.name.endsWith('.deb')).map((entry) => entry.name);
  const byName = Map.groupBy(debs.sort(), (name) => name.split('_')[0] ?? '');
  const adjacent = [...byName.values()].flatMap((names) => {
    const sorted = names.toSorted((one, other) => (isOlder(one, other) ? -1 : 1));
    return sorted
      .slice(1)
      .map((name, index) => ({ left: join(folder, sorted[index] ?? ''), right: join(folder, name) }));
  });
  const rebuilt = entries
    .filter((entry) => entry.isDirectory())
    .flatMap((entry) => {
      const sides = readdirSync(join(folder, entry.name)).sort();
      const [left = '', right = ''] = sides.map((side) => join(folder, entry.name, side));
      return sides.length === 2
        ? readdirSync(left).map((name) => ({ left: join(left, name), right: join(right, name) }))
        : [];
    });
  return [...adjacent, ...rebuilt];
}

function isOlder(one: string, other: string): boolean {
  const version = (name: string): string => (name.split('_')[1] ?? '').replaceAll('%3a', ':');
  return spawnSync('dpkg', ['--compare-versions', version(one), 'lt', version(other)]).status === 0;
}

/** Names of members that diffoscope gives a node; undefined when it did not end in time. */
function diffoscopeNames(root: string, pair: Pair): ReadonlySet<string> | undefined {
  const folder = join(root, 'tmp', 'pair');
  rmSync(folder, { recursive: true, force: true });
  for (const [side, path] of Object.entries(pair)) {
    mkdirSync(join(folder, side), { recursive: true });
    copyFileSync(path, join(folder, side, 'a.deb'));
  }
  const seconds = values['diffoscope-seconds'];
  const argv = [root, 'timeout', seconds, 'diffoscope', '--json', '-', '/tmp/pair/left/a.deb', '/tmp/pair/right/a.deb'];
  const run = spawnSync('chroot', argv, { maxBuffer: 2 ** 30 });
  if (run.status !== 0 && run.status !== 1) return undefined;
  const names = new Set<string>();
  if (run.stdout.length > 0) collect(JSON.parse(run.stdout.toString('utf8')) as Node, names);
  return names;
}

type Node = { readonly source1: string; readonly source2: string; readonly details?: readonly Node[] };

function collect(node: Node, names: Set<string>): void {
  for (const source of [node.source1, node.source2]) if (source.startsWith('./')) names.add(source.slice(2));
  for (const child of node.details ?? []) collect(child, names);
}

const totals = { pairs: 0, identical: 0, members: 0, diffoscope: 0, diffoscopeFiles: 0, disagreements: 0 };
for (const pair of positionals.flatMap(pairsOf)) {
  if (Math.max(statSync(pair.left).size, statSync(pair.right).size) > Number(values['max-bytes'])) continue;
  totals.pairs++;
  const wrong: string[] = [];
  const equal = spawnSync('cmp', ['-s', pair.left, pair.right]).status === 0;
  const found = await explain(await fileSource(pair.left), await fileSource(pair.right));
  if (equal !== (found.kind === 'identical')) wrong.push(`cmp says ${equal ? 'equal' : 'different'}`);
  const judged = differingMembers(membersByTools(pair.left), membersByTools(pair.right));
  const ours = reportedMembers(found);
  for (const name of judged) if (!ours.has(name)) wrong.push(`not reported: ${name}`);
  for (const name of ours) if (!judged.has(name)) wrong.push(`reported, but equal: ${name}`);
  if (values['diffoscope-root'] !== undefined) {
    const names = diffoscopeNames(values['diffoscope-root'], pair);
    if (names !== undefined) totals.diffoscope++;
    totals.diffoscopeFiles += names?.size ?? 0;
    for (const name of names ?? [])
      if (!ours.has(`data/${name}`) && !ours.has(`control/${name}`)) wrong.push(`diffoscope reports ${name}`);
  }
  totals.identical += equal ? 1 : 0;
  totals.members += judged.size;
  totals.disagreements += wrong.length;
  const name = `${basename(pair.left)} ${basename(pair.right)}`;
  console.log(`${wrong.length === 0 ? 'agree' : 'DISAGREE'} ${judged.size} differing  ${name}`);
  for (const line of wrong.slice(0, 10)) console.log(`    ${line}`);
}
console.log(JSON.stringify(totals));
process.exitCode = totals.disagreements === 0 && totals.pairs > 0 ? 0 : 1;
