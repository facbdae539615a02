import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { cruise, type ICruiseOptions, type IFlattenedRuleSet } from 'dependency-cruiser';

/** The checkout's root. */
export const root = join(import.meta.dirname, '..', '..');

/** Every top folder that can hold code; those that are not there yet are left out when reading. */
const codeFolders = [
  'model',
  'programs',
  'formats',
  'compare',
  'sbom',
  'attest',
  'dashboard',
  'rebuilder',
  'test',
  'bench',
] as const;

/** A broken rule: which, in which file, by what it imports. */
export type Offence = { readonly rule: string; readonly from: string; readonly to: string };

/** What was looked at, by path from the root, and what was found. */
export type Judgement = { readonly files: readonly string[]; readonly offences: readonly Offence[] };

/** The rules of .dependency-cruiser.json, with the options that they need. */
export function readRules(): IFlattenedRuleSet & { readonly options: ICruiseOptions } {
  return JSON.parse(readFileSync(join(root, '.dependency-cruiser.json'), 'utf8'));
}

/** Judges a copy of all our code by the rules, with `planted` (path: text) written over it. */
export async function judgeImports(planted: Readonly<Record<string, string>> = {}): Promise<Judgement> {
  const copy = mkdtempSync(join(tmpdir(), 'reproof-imports-'));
  try {
    for (const name of [...codeFolders, 'package.json'])
      if (existsSync(join(root, name))) cpSync(join(root, name), join(copy, name), { recursive: true });
    symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
    for (const [path, text] of Object.entries(planted)) {
      mkdirSync(dirname(join(copy, path)), { recursive: true });
      writeFileSync(join(copy, path), text);
    }
    const present = codeFolders.filter((name) => existsSync(join(copy, name)));
    for (const folder of present) makeReadable(join(copy, folder));
    const { options, ...ruleSet } = readRules();
    const { output } = await cruise([...present], { ...options, baseDir: copy, ruleSet, validate: true });
    if (typeof output === 'string') throw new Error('dependency-cruiser gave text instead of its result');
    return {
      files: output.modules.map((module) => module.source).filter((source) => existsSync(join(copy, source))),
      offences: output.summary.violations.map(({ rule, from, to }) => ({ rule: rule.name, from, to })),
    };
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

/** dependency-cruiser 18 stops at `using`, which is no import: in the copy it is `const`. */
function makeReadable(folder: string): void {
  for (const path of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (!path.endsWith('.ts')) continue;
    const file = join(folder, path);
    const text = readFileSync(file, 'utf8');
    const readable = text.replace(/\b(?:await )?using (?=\w+\b)/g, 'const ');
    if (readable !== text) writeFileSync(file, readable);
  }
}
