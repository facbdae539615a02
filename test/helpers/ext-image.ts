import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const ENVIRONMENT = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin`, TZ: 'UTC' };
/** A fixed identifier, so that two images differ in nothing but what was asked for. */
const UUID = '11111111-2222-3333-4444-555555555555';

export type ExtOptions = {
  /** Files by path; `links` are symbolic, and may be of any length. */
  readonly files?: Readonly<Record<string, string | Buffer>>;
  readonly links?: Readonly<Record<string, string>>;
  /** Files of this many bytes, none of which is written. */
  readonly holes?: Readonly<Record<string, number>>;
  readonly type?: 'ext2' | 'ext3' | 'ext4';
  /** Options of mke2fs(8). */
  readonly make?: readonly string[];
  readonly size?: string;
  readonly uuid?: string;
  /** Extended attributes by path and name, as setxattr(2) takes them. */
  readonly attributes?: Readonly<Record<string, Readonly<Record<string, Buffer>>>>;
  /** Commands of debugfs(8) that change the image then. */
  readonly edits?: readonly string[];
  /** True has e2fsck(8) make hash trees of its large folders. */
  readonly indexed?: boolean;
};

/** An image made by mke2fs(8) at one time, changed by debugfs(8), without the need to be root. */
export function extImage(options: ExtOptions = {}): Buffer {
  const { files = {}, links = {}, holes = {}, type = 'ext4', make = [], size = '4M', uuid = UUID } = options;
  const folder = mkdtempSync(join(tmpdir(), 'ext-image-'));
  try {
    const root = join(folder, 'root');
    mkdirSync(root);
    const placed = (name: string): string => {
      mkdirSync(dirname(join(root, name)), { recursive: true });
      return join(root, name);
    };
    for (const [name, content] of Object.entries(files)) writeFileSync(placed(name), content);
    for (const [name, target] of Object.entries(links)) symlinkSync(target, placed(name));
    for (const [name, bytes] of Object.entries(holes)) {
      writeFileSync(placed(name), '');
      truncateSync(join(root, name), bytes);
    }
    const image = join(folder, 'image');
    const env = { ...ENVIRONMENT, E2FSPROGS_FAKE_TIME: '1700000000' };
    const run = (program: string, ...argv: string[]): void => {
      execFileSync(program, argv, { stdio: 'ignore', env });
    };
    const fixed = ['-U', uuid, '-E', `hash_seed=${uuid},root_owner=0:0`];
    run('mke2fs', '-q', '-F', '-t', type, '-d', root, ...fixed, ...make, image, size);
    const commands = [
      ...[...Object.keys(files), ...Object.keys(links), ...Object.keys(holes)].flatMap(settled),
      ...Object.entries(options.attributes ?? {}).flatMap(([path, attributes]) =>
        Object.entries(attributes).map(([name, value], index) => {
          const valuePath = join(folder, `${path.replaceAll('/', '_')}-${index}`);
          writeFileSync(valuePath, value);
          return `ea_set -f ${valuePath} "${path}" ${name}`;
        }),
      ),
      ...(options.edits ?? []),
    ];
    writeFileSync(join(folder, 'commands'), commands.join('\n'));
    run('debugfs', '-w', '-f', join(folder, 'commands'), image);
    // Exit status 1 says that errors were corrected, which the unindexed folders are.
    if (options.indexed === true) run('sh', '-c', `e2fsck -f -y -D '${image}'; [ $? -le 1 ]`);
    return readFileSync(image);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** What gives a file and the folders that it is in one time, however long it took to make them. */
function settled(path: string): readonly string[] {
  const parts = path.split('/');
  return parts.flatMap((_, index) =>
    ['mtime', 'atime', 'ctime'].map((time) => `sif "${parts.slice(0, index + 1).join('/')}" ${time} @1700000000`),
  );
}

/** What debugfs(8) prints for these commands, each one's output alone. */
export function debugfs(image: Buffer, commands: readonly string[]): readonly string[] {
  const folder = mkdtempSync(join(tmpdir(), 'debugfs-'));
  try {
    writeFileSync(join(folder, 'image'), image);
    writeFileSync(join(folder, 'commands'), `${commands.join('\n')}\n`);
    const argv = ['-f', join(folder, 'commands'), join(folder, 'image')];
    const stdio = ['ignore', 'pipe', 'ignore'] as const;
    const text = execFileSync('debugfs', argv, { encoding: 'latin1', env: ENVIRONMENT, stdio: [...stdio] });
    return text.split(/^debugfs: .*\n/m).slice(1);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
