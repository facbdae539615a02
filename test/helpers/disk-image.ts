import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ENVIRONMENT = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` };

export type JudgedTable = {
  readonly label: 'gpt' | 'dos';
  readonly id: string;
  readonly firstlba?: number;
  readonly lastlba?: number;
  readonly partitions: readonly {
    readonly node: string;
    readonly start: number;
    readonly size: number;
    readonly type: string;
    readonly uuid?: string;
    readonly name?: string;
    readonly attrs?: string;
    readonly bootable?: boolean;
  }[];
};

/** A disk of so many KiB that sfdisk(8) partitioned by this script, with contents at these sectors of 512 bytes. */
export function diskImage(
  kib: number,
  script: string,
  contents: Readonly<Record<number, Buffer | string>> = {},
): Buffer {
  return inFolder((path) => {
    writeFileSync(path, '');
    truncateSync(path, kib * 1024);
    execFileSync('sfdisk', ['-q', path], { input: script, env: ENVIRONMENT, stdio: ['pipe', 'ignore', 'ignore'] });
    const image = readFileSync(path);
    for (const [sector, content] of Object.entries(contents)) Buffer.from(content).copy(image, Number(sector) * 512);
    return image;
  });
}

/** What sfdisk(8) reads in it. */
export function sfdisk(image: Buffer): JudgedTable {
  return inFolder((path) => {
    writeFileSync(path, image);
    const text = execFileSync('sfdisk', ['-J', path], { encoding: 'utf8', env: ENVIRONMENT });
    return (JSON.parse(text) as { readonly partitiontable: JudgedTable }).partitiontable;
  });
}

function inFolder<Result>(work: (path: string) => Result): Result {
  const folder = mkdtempSync(join(tmpdir(), 'disk-image-'));
  try {
    return work(join(folder, 'disk'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}
