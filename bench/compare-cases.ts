/** A pair, the native work it is held against, and what the ratio to that work and the peak of memory are to stay under. */
export type Case = {
  readonly name: string;
  readonly left: string;
  readonly right: string;
  /** Shell text with $L and $R (the files) and $l and $r (their data.tar.xz, where they are packages). */
  readonly native: string;
  /** Seconds of CPU that are the start of Node and no work. */
  readonly startSeconds?: number;
  readonly cpuRatio: number;
  readonly wallRatio?: number;
  readonly megabytes: number;
  /** Held against diffoscope instead of the native work. */
  readonly peer?: { readonly cpuRatio: number; readonly memoryRatio?: number };
};

const hash = 'openssl dgst -sha256';
const both = (decode: string, left = '$l', right = '$r'): string =>
  `${decode} ${left} | ${hash} >/dev/null & ${decode} ${right} | ${hash} >/dev/null & wait`;
const XZ = both('xz -dc -T1');

/** Files are named as the pairs' scripts name them: dl/ as downloaded, gen/ as made. */
export const CASES: readonly Case[] = [
  ...['linux-image-6.1.0-56-amd64-unsigned_6.1.192-2_amd64', 'chromium_156.0.8078.73-1_amd64'].map((deb) => ({
    name: `identical ${deb.split('_')[0]}`,
    left: `dl/${deb}.deb`,
    right: deb.startsWith('linux') ? 'gen/linux_copy.deb' : 'gen/chromium_copy.deb',
    native: `${hash} $L $R >/dev/null`,
    startSeconds: 0.08,
    cpuRatio: 1.15,
    megabytes: 150,
  })),
  ...['linux', 'chromium'].map((name) => ({
    name: `which members differ, ${name}`,
    left: `gen/${name}_base.deb`,
    right: `gen/${name}_mtime.deb`,
    native: XZ,
    cpuRatio: 1.2,
    wallRatio: 1.2,
    megabytes: 150,
  })),
  ...['linux', 'chromium', 'llvm'].map((name) => ({
    name: `one flipped byte, ${name}`,
    left: `gen/${name}_base.deb`,
    right: `gen/${name}_flipmd5.deb`,
    native: XZ,
    cpuRatio: 0.4,
    megabytes: 150,
  })),
  {
    name: 'adjacent kernel ABIs',
    left: 'dl/linux-image-6.1.0-55-amd64-unsigned_6.1.192-1_amd64.deb',
    right: 'dl/linux-image-6.1.0-56-amd64-unsigned_6.1.192-2_amd64.deb',
    native: XZ,
    cpuRatio: 3,
    megabytes: 150,
  },
  {
    name: 'a library with everything different',
    left: 'dl/libicu76_76.1-4_amd64.deb',
    right: 'dl/libicu76_76.1-4+b1_amd64.deb',
    native: XZ,
    cpuRatio: Number.POSITIVE_INFINITY,
    megabytes: 250,
    peer: { cpuRatio: 0.1, memoryRatio: 0.2 },
  },
  {
    name: 'a small library with everything different',
    left: 'dl/libssl3_3.0.20-1~deb12u2_amd64.deb',
    right: 'dl/libssl3_3.0.22-1~deb12u2_amd64.deb',
    native: XZ,
    cpuRatio: Number.POSITIVE_INFINITY,
    megabytes: 250,
    peer: { cpuRatio: 0.1, memoryRatio: 0.5 },
  },
  {
    name: 'klayout',
    left: 'dl/klayout_0.30.0-1+b1_amd64.deb',
    right: 'dl/klayout_0.30.0-1+b2_amd64.deb',
    native: XZ,
    cpuRatio: Number.POSITIVE_INFINITY,
    megabytes: 256,
    peer: { cpuRatio: 0.02 },
  },
  {
    name: 'a tar of 50,000 files, one different',
    left: 'gen/big_a.tar',
    right: 'gen/big_b.tar',
    native: `${hash} $L $R >/dev/null`,
    cpuRatio: 1.3,
    megabytes: 150,
  },
  {
    name: 'a tar.xz of 50,000 files, one different',
    left: 'gen/big_a.tar.xz',
    right: 'gen/big_b.tar.xz',
    native: both('xz -dc -T1', '$L', '$R'),
    cpuRatio: 1.2,
    megabytes: 150,
  },
  {
    name: 'a tar.zst of 50,000 files, one different',
    left: 'gen/big_a.tar.zst',
    right: 'gen/big_b.tar.zst',
    native: both('zstd -dcq', '$L', '$R'),
    cpuRatio: 1.3,
    megabytes: 150,
  },
  {
    name: 'a zip of 20,000 members in another order',
    left: 'gen/many_a.zip',
    right: 'gen/many_b.zip',
    native: `for z in "$L" "$R"; do python3 -c 'import hashlib,sys,zipfile
z = zipfile.ZipFile(sys.argv[1])
for m in z.infolist(): hashlib.sha256(z.read(m)).digest()' "$z"; done`,
    cpuRatio: 1.5,
    megabytes: 200,
  },
  ...[10, 100, 1000, 2000].map((megabytes) => ({
    name: `memory at ${megabytes} MB`,
    left: `flat/${megabytes}-a.tar`,
    right: `flat/${megabytes}-b.tar`,
    native: `${hash} $L $R >/dev/null`,
    startSeconds: 0.08,
    cpuRatio: Number.POSITIVE_INFINITY,
    megabytes: 150,
  })),
];
