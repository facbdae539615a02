import { ElfRelocations, elfAddress, X86Reader } from '../../../formats/index.ts';
import type { ElfPair } from './elf-pair.ts';
import { codeMachine } from './elf-same-function.ts';
import { type ElfPiece, type ElfSide, pieceBytes } from './elf-side.ts';
import { readOnce } from './read-once.ts';

const STUBS = /^\.plt(?:\.got|\.sec)?$/;
const LAZY_SLOTS = '.got.plt';
const SLOT_BYTES = 8;
/** The first slots are the address of .dynamic, and two that the dynamic linker fills. */
const OWN_SLOTS = 3;

const reader = new X86Reader();

/**
 * False for a procedure linkage table of x86-64, or the slots that it jumps through, that is more on a side than the
 * linker makes: then it follows from no other section. Stubs jump through slots; a slot is 0, or leads to where a number
 * is pushed, which is that of the slot's own relocation (System V ABI, AMD64 supplement, 5.2). Throws ELF_*.
 */
export async function isOnlyLinkage(pair: ElfPair, name: string): Promise<boolean> {
  if (codeMachine(pair) !== 'x86-64') return true;
  for (const side of [pair.left, pair.right]) {
    if (STUBS.test(name) && (await pushesOf(side, name)) === undefined) return false;
    if (name === LAZY_SLOTS && !(await areSlotsOfStubs(side))) return false;
  }
  return true;
}

/** Where stubs push a number, and what it is. */
type Pushes = ReadonlyMap<number, number>;

async function areSlotsOfStubs(side: ElfSide): Promise<boolean> {
  const [piece, pushes] = [side.pieces.get(LAZY_SLOTS), await pushesOf(side, '.plt')];
  const bytes = piece === undefined ? undefined : await pieceBytes(side, piece);
  if (piece === undefined || bytes === undefined) return false;
  const slotOf = await relocatedSlots(side);
  const own = [addressOf(side.pieces.get('.dynamic')), 0, 0];
  for (let index = 0; (index + 1) * SLOT_BYTES <= bytes.length; index++) {
    const value = elfAddress(bytes.readBigUInt64LE(index * SLOT_BYTES));
    if (index < OWN_SLOTS ? value === own[index] : value === 0) continue;
    const number = pushes?.get(value);
    if (number === undefined || slotOf(number) !== addressOf(piece) + index * SLOT_BYTES) return false;
  }
  return true;
}

/** The slot that a relocation of that number in .rela.plt fills. */
const relocatedSlots = readOnce(readRelocatedSlots);

async function readRelocatedSlots(side: ElfSide): Promise<(number: number) => number | undefined> {
  const piece = side.pieces.get('.rela.plt');
  const bytes = piece === undefined ? undefined : await pieceBytes(side, piece);
  if (bytes === undefined) return () => undefined;
  const table = new ElfRelocations(bytes, true, side.file);
  return (number) => (number < table.count ? table.offset(number) : undefined);
}

function addressOf(piece: ElfPiece | undefined): number {
  return elfAddress(piece?.section?.address ?? 0n);
}

/** Undefined where the section is not made of such stubs alone. */
async function pushesOf(side: ElfSide, name: string): Promise<Pushes | undefined> {
  const piece = side.pieces.get(name);
  const bytes = piece === undefined ? undefined : await pieceBytes(side, piece);
  if (bytes === undefined) return undefined;
  const address = addressOf(piece);
  const slots = ['.got', LAZY_SLOTS].flatMap((one) => side.pieces.get(one) ?? []);
  const isSlot = (place: number): boolean =>
    slots.some((one) => place >= addressOf(one) && place < addressOf(one) + Number(one.size));
  const slotOf = await relocatedSlots(side);
  const pushes = new Map<number, number>();
  for (let at = 0, marked = -1, jumped: number | undefined; at < bytes.length; at += reader.length) {
    reader.read(bytes, at, bytes.length);
    const [opcode, target] = [opcodeAt(bytes, at), targetOf(bytes, at, address)];
    if (reader.length === 0) return undefined;
    if (opcode === JUMP_SLOT || opcode === PUSH_SLOT) {
      if (!isSlot(target)) return undefined;
      jumped = opcode === JUMP_SLOT ? target : undefined;
    } else if (opcode === PUSH) {
      const number = bytes.readUInt32LE(at + reader.length - 4);
      if (jumped !== undefined && slotOf(number) !== jumped) return undefined;
      pushes.set(address + at, number);
      if (marked >= 0) pushes.set(address + marked, number);
    } else if (opcode === JUMP) {
      if (target !== address) return undefined;
      jumped = undefined;
    } else if (opcode !== MARK && opcode !== NOTHING) return undefined;
    marked = opcode === MARK ? at : -1;
  }
  return pushes;
}

const JUMP_SLOT = 0xff25;
const PUSH_SLOT = 0xff35;
const PUSH = 0x68;
const JUMP = 0xe9;
/** endbr64. */
const MARK = 0x0f1e;
const NOTHING = 0x90;
const PREFIXES = [0x2e, 0x66, 0xf2, 0xf3];

/** The opcode of the instruction that was read, and for some what follows it: all kinds of nop are one. -1 for others. */
function opcodeAt(bytes: Buffer, at: number): number {
  let place = at;
  while (PREFIXES.includes(bytes[place] as number)) place++;
  const [first = 0, second = 0, third = 0] = bytes.subarray(place, at + reader.length);
  if (first === 0xff) return first * 256 + second;
  if (first === 0x0f && second === 0x1f) return NOTHING;
  if (first === 0x0f) return second === 0x1e && third === 0xfa && bytes[at] === 0xf3 ? MARK : -1;
  return first;
}

function targetOf(bytes: Buffer, at: number, address: number): number {
  return reader.relative === 0 ? -1 : address + at + reader.length + bytes.readInt32LE(at + reader.relative);
}
