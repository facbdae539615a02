import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const ENVIRONMENT = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin`, TZ: 'UTC', LC_ALL: 'C.UTF-8' };
const SECONDS = 1_700_000_000;

export type FatOptions = {
  /** Files by path, in folders of their own. */
  readonly files?: Readonly<Record<string, string | Buffer>>;
  readonly kib?: number;
  /** Options of mkfs.fat(8). */
  readonly make?: readonly string[];
  /** Seconds since 1970, of all files. */
  readonly time?: number;
};

/** An image made by mkfs.fat(8), filled by mcopy(1); folders have the time at which it was made. */
export function fatImage({ files = {}, kib = 512, make = [], time = SECONDS }: FatOptions = {}): Buffer {
  return inFolder((folder) => {
    const path = join(folder, 'image');
    run('mkfs.fat', ['-C', '-i', '12345678', ...make, path, String(kib)]);
    const root = join(folder, 'root');
    mkdirSync(root);
    for (const [name, content] of Object.entries(files)) {
      mkdirSync(dirname(join(root, name)), { recursive: true });
      writeFileSync(join(root, name), content);
      utimesSync(join(root, name), time, time);
    }
    const tops = [...new Set(Object.keys(files).map((name) => name.split('/')[0] as string))];
    if (tops.length > 0) run('mcopy', ['-s', '-m', '-i', path, ...tops.map((name) => join(root, name)), '::']);
    return readFileSync(path);
  });
}

/** The image with this file written anew. */
export function withFile(image: Buffer, name: string, content: string | Buffer, time = SECONDS): Buffer {
  return inFolder((folder) => {
    const [path, source] = [join(folder, 'image'), join(folder, 'file')];
    writeFileSync(path, image);
    writeFileSync(source, content);
    utimesSync(source, time, time);
    run('mcopy', ['-o', '-m', '-i', path, source, `::${name}`]);
    return readFileSync(path);
  });
}

/** What a program of mtools prints of an image; `argv` names it `IMAGE`. */
export function mtools(image: Buffer, program: string, argv: readonly string[]): Buffer {
  return inFolder((folder) => {
    const path = join(folder, 'image');
    writeFileSync(path, image);
    return execFileSync(program, ['-i', path, ...argv], { env: ENVIRONMENT, stdio: ['ignore', 'pipe', 'ignore'] });
  });
}

function run(program: string, argv: readonly string[]): void {
  execFileSync(program, argv, { env: ENVIRONMENT, stdio: 'ignore' });
}

function inFolder<Result>(work: (folder: string) => Result): Result {
  const folder = mkdtempSync(join(tmpdir(), 'fat-image-'));
  try {
    return work(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
