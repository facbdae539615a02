import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const env = { PATH: process.env.PATH ?? '', LC_ALL: 'C' };

/** Runs a program where these files are, and gives what it printed and the files asked for. */
export function madeBy(
  commands: readonly (readonly [program: string, ...options: string[]])[],
  files: Readonly<Record<string, string | Uint8Array>>,
  results: readonly string[],
): { readonly printed: string; readonly made: readonly Buffer[] } {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'compiled-')));
  try {
    for (const [name, content] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), content);
    }
    const printed = commands.map(([program, ...options]) => {
      // What is compiled names its folder: every run gives the same, as if it were always this one.
      const words = options.map((option) => option.replaceAll('FOLDER', folder));
      return execFileSync(program, words, { env, cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
    });
    return { printed: printed.join(''), made: results.map((name) => readFileSync(join(folder, name))) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export const SOURCES = {
  'main.c': '#include "part/list.h"\nint total(struct list *all) { return all->value + add(all, 2); }\n',
  'part/add.c': '#include "list.h"\nint add(struct list *all, int more) { return all->value + more; }\n',
  'part/list.h': 'struct list { int value; char *name; };\nint add(struct list *, int);\n',
};

/** A library of two sources with debug information, compiled by gcc as if in `folder`, and so in DWARF `version`. */
export function compiled(
  folder: string,
  options: readonly string[] = ['-gdwarf-5'],
  sources: Readonly<Record<string, string>> = SOURCES,
): Buffer {
  const names = Object.keys(sources).filter((name) => name.endsWith('.c'));
  const map = `-fdebug-prefix-map=FOLDER=${folder}`;
  // Pages of their own would make a file of mostly zeros.
  const dense = '-Wl,-z,noseparate-code,-z,max-page-size=256';
  const command = [
    'gcc',
    '-shared',
    dense,
    '-nostdlib',
    '-fPIC',
    '-O1',
    map,
    ...options,
    ...names,
    '-o',
    'made',
  ] as const;
  return madeBy([[...command]], sources, ['made']).made[0] as Buffer;
}
