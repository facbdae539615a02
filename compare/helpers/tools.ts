import type { Helper } from './helper-runner.ts';

/** An outside program that comparing uses where it is installed. */
export type Tool = Helper & {
  /** What it is used for. */
  readonly use: string;
  /** Debian's package that holds it. */
  readonly debian: string;
};

const tool = (program: string, debian: string, use: string, versionArguments = ['--version']): Tool => ({
  program,
  versionArguments,
  use,
  debian,
});

/** Every outside program that is ever run, by name: who runs another puts it here. */
export const TOOLS = {
  bsdtar: tool('bsdtar', 'libarchive-tools', 'files in ISO 9660 images'),
  bzip2: tool('bzip2', 'bzip2', 'bzip2 files'),
  diffoscope: tool('diffoscope', 'diffoscope-minimal', 'what --with diffoscope asks'),
  gzip: tool('gzip', 'gzip', 'which setting gave a gzip or zip file'),
  lz4: tool('lz4', 'lz4', 'lz4 files'),
  lzip: tool('lzip', 'lzip', 'lzip files'),
  objdump: tool('objdump', 'binutils', 'instructions of functions in ELF files'),
  pdftotext: tool('pdftotext', 'poppler-utils', 'text of PDF documents', ['-v']),
  prlimit: tool('prlimit', 'util-linux', 'limits of the other programs'),
  sqfs2tar: tool('sqfs2tar', 'squashfs-tools-ng', 'files in squashfs images'),
  sqlite3: tool('sqlite3', 'sqlite3', 'what SQLite databases hold'),
  unshare: tool('unshare', 'util-linux', 'no network for the other programs'),
  unsquashfs: tool('unsquashfs', 'squashfs-tools', 'list of files in squashfs images', ['-version']),
  xz: tool('xz', 'xz-utils', 'xz and lzma files'),
  zstd: tool('zstd', 'zstd', 'zstd files'),
} as const satisfies Readonly<Record<string, Tool>>;

export type ToolName = keyof typeof TOOLS;
