/**
 * Downloads all versions that a mirror's suites hold of binary packages, for comparing adjacent ones.
 *
 *   node bench/adjacent-versions.ts FOLDER --mirror URL [--suite SUITE]... [--packages COUNT] [--max-bytes BYTES]
 *
 * Packages of main for amd64 with at least two versions, none larger than --max-bytes, from each section in turn, so that
 * many kinds of files occur, and within one by the digest of their names: the same ones each time. FOLDER/NAME_VERSION_ARCHITECTURE.deb, each checked against the index's SHA-256.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';

type Published = {
  readonly name: string;
  readonly section: string;
  readonly file: string;
  readonly size: number;
  readonly sha256: string;
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    mirror: { type: 'string' },
    suite: { type: 'string', multiple: true, default: ['bookworm', 'trixie', 'sid'] },
    packages: { type: 'string', default: '50' },
    'max-bytes': { type: 'string', default: '400000' },
  },
});
const [folder] = positionals;
if (folder === undefined || values.mirror === undefined)
  throw new Error('usage: adjacent-versions.ts FOLDER --mirror URL');
const mirror = values.mirror.replace(/\/$/, '');

async function download(path: string): Promise<Buffer> {
  const answer = await fetch(`${mirror}/${path}`);
  if (!answer.ok) throw new Error(`${mirror}/${path}: ${answer.status}`);
  return Buffer.from(await answer.arrayBuffer());
}

function readIndex(text: string): readonly Published[] {
  return text.split('\n\n').flatMap((paragraph) => {
    const field = (name: string): string => new RegExp(`^${name}: (.*)$`, 'm').exec(paragraph)?.[1] ?? '';
    const file = field('Filename');
    const [name, section, size, sha256] = [field('Package'), field('Section'), Number(field('Size')), field('SHA256')];
    return file === '' ? [] : [{ name, section, file, size, sha256 }];
  });
}

const versions = new Map<string, Map<string, Published>>();
for (const suite of values.suite) {
  const packed = await download(`dists/${suite}/main/binary-amd64/Packages.xz`);
  const text = execFileSync('xz', ['-dc'], { input: packed, maxBuffer: 2 ** 30 }).toString('utf8');
  for (const one of readIndex(text)) {
    const known = versions.get(one.name) ?? new Map<string, Published>();
    versions.set(one.name, known.set(basename(one.file), one));
  }
}
const digest = (name: string): string => createHash('sha256').update(name).digest('hex');
const candidates = [...versions]
  .filter(([, found]) => found.size > 1 && [...found.values()].every((one) => one.size <= Number(values['max-bytes'])))
  .sort(([one], [other]) => (digest(one) < digest(other) ? -1 : 1));
const bySection = Map.groupBy(candidates, ([, found]) => [...found.values()][0]?.section ?? '');
const turns = [...bySection].flatMap(([section, packages]) =>
  packages.map((candidate, turn) => ({ section, turn, candidate })),
);
const chosen = turns
  .sort((one, other) => one.turn - other.turn || (one.section < other.section ? -1 : 1))
  .slice(0, Number(values.packages))
  .map(({ candidate }) => candidate);
await mkdir(folder, { recursive: true });
for (const [name, found] of chosen) {
  for (const one of found.values()) {
    const path = join(folder, basename(one.file));
    if (existsSync(path)) continue;
    const bytes = await download(one.file);
    if (createHash('sha256').update(bytes).digest('hex') !== one.sha256) throw new Error(`${one.file}: another digest`);
    await writeFile(path, bytes);
  }
  console.log(`${name}: ${found.size} versions`);
}
