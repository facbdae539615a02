/** ECMA-119 section 6.2: volume descriptors, of a sector each, follow the system area up to the one that ends them. */
const START = 32_768;
const SECTOR = 2_048;
const END = 255;
/** As many are read: an image has one for each of its ways to name files, and one to start a machine. */
const DESCRIPTORS = 32;
const JOLIET: Readonly<Record<string, string>> = { '%/@': 'Joliet 1', '%/C': 'Joliet 2', '%/E': 'Joliet 3' };
/** ECMA-119 table 9: what stands before the name of an entry, and before what extends it. */
const ROOT_ENTRY_BYTES = 34;

/** Bytes from an image's start that hold its volume descriptors. */
export const ISO_DESCRIPTORS_BYTES = START + DESCRIPTORS * SECTOR;

/** What each volume descriptor is for, in order. `start` holds those that are to be read. */
export function isoDescriptors(start: Buffer): readonly string[] {
  const found: string[] = [];
  for (let at = START; at + SECTOR <= start.length && found.length < DESCRIPTORS; at += SECTOR) {
    const descriptor = start.subarray(at, at + SECTOR);
    if (descriptor.toString('latin1', 1, 6) !== 'CD001' || descriptor[0] === END) break;
    found.push(purposeOf(descriptor));
  }
  return found;
}

function purposeOf(descriptor: Buffer): string {
  const type = descriptor.readUInt8(0);
  const text = (from: number, to: number): string => descriptor.toString('latin1', from, to).replace(/[\0 ]+$/, '');
  if (type === 0) return `boot record (${text(7, 39)})`;
  if (type === 1) return 'primary';
  if (type === 2) return JOLIET[text(88, 91)] ?? (descriptor[6] === 2 ? 'enhanced' : 'supplementary');
  return type === 3 ? 'partition' : `type ${type}`;
}

/** Where the root folder stands: its first entry says whether Rock Ridge's names are there. */
export function isoRootOffset(start: Buffer): number {
  return start.length < START + 162 ? 0 : start.readUInt32LE(START + 158) * SECTOR;
}

/** True where a root folder's first entry begins as IEEE P1281 has it, on which Rock Ridge is built. */
export function hasSystemUse(rootFolder: Buffer): boolean {
  return rootFolder.toString('latin1', ROOT_ENTRY_BYTES, ROOT_ENTRY_BYTES + 2) === 'SP';
}
