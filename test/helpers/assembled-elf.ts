import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const env = { PATH: process.env.PATH ?? '', LC_ALL: 'C' };

/** An object file that as(1) makes of x86-64 assembler, or with `link` what ld(1) makes of it with these options. */
export function assembled(source: string, link?: readonly string[]): Buffer {
  const folder = mkdtempSync(join(tmpdir(), 'assembled-'));
  const [object, linked] = [join(folder, 'object.o'), join(folder, 'linked')];
  try {
    writeFileSync(join(folder, 'source.s'), source);
    execFileSync('as', ['--64', '-o', object, join(folder, 'source.s')], { env, stdio: 'ignore' });
    if (link === undefined) return readFileSync(object);
    execFileSync('ld', ['-m', 'elf_x86_64', ...link, '-o', linked, object], { env, cwd: folder });
    return readFileSync(linked);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Assembler of functions by name, each with a frame, so that it is found without symbols too. */
export const assemblerOf = (bodies: Readonly<Record<string, string>>): string =>
  Object.entries(bodies)
    .map(([name, body]) => {
      return `.globl ${name}\n.hidden ${name}\n.type ${name}, @function\n${name}:\n.cfi_startproc\n${body}\nret\n.cfi_endproc\n.size ${name}, .-${name}\n`;
    })
    .join('\n');
