import { spawn } from 'node:child_process';
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FORMAT_TRAPS } from '../helpers/format-traps.ts';
import { textOf } from '../helpers/run-cli.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

type Ended = { readonly kind: string; readonly notes: readonly string[]; readonly residentMegabytes: number };

const HEAP_MEGABYTES = 256;
/** The heap, what Node takes for itself, and buffers beside the heap. */
const RESIDENT_MEGABYTES = 640;
/** What is said of a trap that is not explained to its end. */
const SAID: Readonly<Record<string, RegExp>> = {
  'a font of 60,000 tables of the same 2 MiB': /reading tables of font: they overlap/,
  'a WOFF font of 40,000 tables that unpack to 4 MiB each': /reading tables of font: they overlap/,
  'a WOFF font of 100 tables that unpack to 4 MiB each': /more than 268435456 bytes unpacked/,
  'fonts in fonts, three times each': /it overlaps another one/,
  'PE files in PE files, three times each': /it overlaps another one/,
  'Mach-O files in Mach-O files, three times each': /it overlaps another one/,
  'universal files in universal files, three times each': /it overlaps another one/,
  'PDF files in PDF files, 30 wide and 4 deep': /more streams differ|the limit of/,
  'a gettext header of 200,000 fields': /more values differ/,
  'a tar archive of 400 members whose names take 60,000 bytes each': /the limit of 500 members/,
};

describe('a file made to take more time or memory than there is', () => {
  it.each(Object.keys(FORMAT_TRAPS))(
    'is told apart from another within them: %s',
    async (trap) => {
      const folder = await temporaryFolder();
      await mkdir(join(folder, 'tmp'));
      const script = join(import.meta.dirname, '../helpers/explain-trap.ts');
      const child = spawn(process.execPath, [`--max-old-space-size=${HEAP_MEGABYTES}`, script, trap], {
        cwd: folder,
        env: { PATH: process.env.PATH, TMPDIR: join(folder, 'tmp') },
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const ended = JSON.parse(await textOf(child.stdout)) as Ended;
      expect(ended.kind).not.toBe('identical');
      expect(ended.residentMegabytes).toBeLessThan(RESIDENT_MEGABYTES);
      expect(ended.notes.join('\n')).toMatch(SAID[trap] ?? /^/);
      expect(await readdir(folder, { recursive: true })).toEqual(['tmp']);
    },
    120_000,
  );
});
