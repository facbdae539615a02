import { createHash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { EXT_TYPES, type ExtInode, type ExtReader, type ExtTime, extDevice } from '../../../formats/index.ts';
import type { Budget } from '../../budget.ts';
import { escapeName } from '../../escape.ts';
import { attributeText } from '../../extended-attributes.ts';
import { shownValue } from '../../shown-value.ts';
import { timeText } from '../../time-text.ts';
import type { MemberHeader } from '../../types.ts';

/** Types in the words of tar headers. */
const TYPES: ReadonlyMap<number, string> = new Map([
  [EXT_TYPES.fifo, 'fifo'],
  [EXT_TYPES.characterDevice, 'character-device'],
  [EXT_TYPES.folder, 'directory'],
  [EXT_TYPES.blockDevice, 'block-device'],
  [EXT_TYPES.file, 'file'],
  [EXT_TYPES.symlink, 'symlink'],
  [EXT_TYPES.socket, 'socket'],
]);
/** Flags by bit, chattr(1). Those left out say how content is stored: what follows from it is told. */
const FLAGS: ReadonlyMap<number, string> = new Map([
  [0, 'secure deletion'],
  [1, 'undeletable'],
  [2, 'compressed'],
  [3, 'synchronous'],
  [4, 'immutable'],
  [5, 'append only'],
  [6, 'no dump'],
  [7, 'no access times'],
  [11, 'encrypted'],
  [14, 'journalled data'],
  [15, 'no tail merging'],
  [16, 'synchronous folder'],
  [17, 'top of folders'],
  [20, 'verity'],
  [23, 'no copy on write'],
  [29, 'project inherited'],
  [30, 'casefold'],
]);
const INDEXED = 0x1000;
const HUGE = 0x40000;
const EXTENTS = 0x80000;
const INLINE = 0x10000000;
const STORED_AS = INDEXED | HUGE | EXTENTS | INLINE;
/** Pieces of contents that are looked at to say where they stand, of a whole image: a small one may hold endless ones. */
const PIECES = 1_000_000;
/** Looking at them blocks: after so many whatever else waits has its turn. */
const PIECES_IN_A_ROW = 10_000;

/** True for what has content of its own to compare. */
export function isExtFile({ mode }: Pick<ExtInode, 'mode'>): boolean {
  return mode >> 12 === EXT_TYPES.file;
}

/** All that an inode says of a file but where its content stands. */
export function extHeader(reader: ExtReader, inode: ExtInode, places: ExtPlaces): MemberHeader {
  const type = inode.mode >> 12;
  const told: Record<string, string> = {
    type: TYPES.get(type) ?? `unknown ${type.toString(8)}`,
    mode: `0${(inode.mode & 0o7777).toString(8)}`,
    uid: String(inode.uid),
    gid: String(inode.gid),
    mtime: textOf(inode.modified),
    atime: textOf(inode.accessed),
    ctime: textOf(inode.changed),
    'birth time': inode.born === undefined ? '' : textOf(inode.born),
    links: String(inode.links),
    flags: flagsText(inode.flags),
    generation: inode.generation === 0 ? '' : String(inode.generation),
    project: inode.project === 0 ? '' : String(inode.project),
  };
  if (type === EXT_TYPES.symlink) told.linkname = shownValue(reader.target(inode));
  if (type === EXT_TYPES.characterDevice || type === EXT_TYPES.blockDevice) {
    const { major, minor } = extDevice(inode);
    told.device = `${major}:${minor}`;
  }
  if (isExtFile(inode)) {
    told['stored in'] =
      (inode.flags & INLINE) !== 0 ? 'its inode' : (inode.flags & EXTENTS) !== 0 ? 'extents' : 'mapped blocks';
    told['bytes not stored'] = places.holesOf(inode);
  }
  for (const { name, value } of reader.attributes(inode))
    told[`xattr ${escapeName(name)}`] = attributeText(name, value, 1);
  return told;
}

function textOf({ seconds, nanoseconds }: ExtTime): string {
  return timeText(BigInt(seconds) * 1_000_000_000n + BigInt(nanoseconds));
}

function flagsText(flags: number): string {
  const names: string[] = [];
  for (let bit = 0; bit < 32; bit++)
    if ((((flags & ~STORED_AS) >>> bit) & 1) === 1) names.push(FLAGS.get(bit) ?? `bit ${bit}`);
  return names.join(', ');
}

/** Where the contents of an image stand: holes of each, and a digest of all. Inodes are given in one order, once each. */
export class ExtPlaces {
  readonly #reader: ExtReader;
  readonly #hash = createHash('sha256');
  readonly #holes = new Map<number, number>();
  #left = PIECES;

  constructor(reader: ExtReader) {
    this.#reader = reader;
  }

  /** Throws as the budget where it ends early. */
  async add(inode: ExtInode, budget: Budget): Promise<void> {
    if (!this.#hasBlocks(inode)) return;
    this.#hash.update(`inode ${inode.size}\n`);
    let holes = 0;
    for (const { offset, size } of this.#reader.pieces(inode)) {
      if (--this.#left < 0) return;
      if (this.#left % PIECES_IN_A_ROW === 0) {
        await setImmediate();
        budget.spend('bytes', 0);
      }
      this.#hash.update(`${offset ?? ''} ${size}\n`);
      if (offset === undefined) holes += size;
    }
    if (holes > 0) this.#holes.set(inode.number, holes);
  }

  /** Nothing where there are none. */
  holesOf(inode: ExtInode): string {
    if (this.#left < 0) return 'not counted';
    const holes = this.#holes.get(inode.number);
    return holes === undefined ? '' : String(holes);
  }

  /** Of all that was added. */
  digest(): string {
    const all = this.#left < 0 ? ` of the first ${PIECES} pieces` : '';
    return `sha256 ${this.#hash.digest('hex')}${all}`;
  }

  /** Files and folders, and links whose targets are too long for an inode. */
  #hasBlocks({ mode, flags, size }: ExtInode): boolean {
    const type = mode >> 12;
    if ((flags & INLINE) !== 0) return false;
    return isExtFile({ mode }) || type === EXT_TYPES.folder || (type === EXT_TYPES.symlink && size >= 60);
  }
}
