import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cruise, type ICruiseOptions, type IFlattenedRuleSet } from 'dependency-cruiser';

/** The checkout's root. */
export const root = join(import.meta.dirname, '..', '..');

/** Every top folder that can hold code; those that are not there yet are left out when reading. */
export const codeFolders = ['model', 'programs', 'formats', 'compare', 'sbom', 'rebuilder', 'test', 'bench'] as const;

/** A broken rule: which, in which file, by what it imports. */
export type Offence = { readonly rule: string; readonly from: string; readonly to: string };

/** The rules of .dependency-cruiser.json, with the options that they need. */
export async function readRules(): Promise<IFlattenedRuleSet & { readonly options: ICruiseOptions }> {
  return JSON.parse(await readFile(join(root, '.dependency-cruiser.json'), 'utf8'));
}

/** Judges all code below `folder` by the rules: the files looked at, by path from `folder`, and the offences. */
export async function judgeImports(
  folder: string,
): Promise<{ readonly files: readonly string[]; readonly offences: readonly Offence[] }> {
  const { options, ...ruleSet } = await readRules();
  const present = codeFolders.filter((name) => existsSync(join(folder, name)));
  const { output } = await cruise([...present], { ...options, baseDir: folder, ruleSet, validate: true });
  if (typeof output === 'string') throw new Error('dependency-cruiser gave text instead of its result');
  return {
    files: output.modules.map((module) => module.source).filter((source) => existsSync(join(folder, source))),
    offences: output.summary.violations.map(({ rule, from, to }) => ({ rule: rule.name, from, to })),
  };
}
