import { elfAddress, X86Reader } from '../../../formats/index.ts';
import type { ElfPair } from './elf-pair.ts';
import { codeMachine } from './elf-same-function.ts';
import { type ElfPiece, type ElfSide, pieceBytes } from './elf-side.ts';

/** The procedure linkage table and its like. */
const STUBS = /^\.plt(?:\.got|\.sec)?$/;
const SLOTS = ['.got', '.got.plt'];

const reader = new X86Reader();

/**
 * False for x86-64 code that should be nothing but the linker's stubs, which jump through a slot of the offset table
 * (System V ABI, AMD64 supplement, 5.2), and is more than that on a side: then it follows from no other section. Throws
 * ELF_*.
 */
export async function areOnlyStubs(pair: ElfPair, name: string): Promise<boolean> {
  if (!STUBS.test(name) || codeMachine(pair) !== 'x86-64') return true;
  for (const side of [pair.left, pair.right]) {
    const piece = side.pieces.get(name);
    const bytes = piece === undefined ? undefined : await pieceBytes(side, piece);
    if (piece === undefined || bytes === undefined || !isStubs(bytes, addressOf(piece), slotsOf(side))) return false;
  }
  return true;
}

type Within = (address: number) => boolean;

function slotsOf(side: ElfSide): Within {
  const pieces = SLOTS.flatMap((name) => side.pieces.get(name) ?? []);
  return (address) =>
    pieces.some((piece) => address >= addressOf(piece) && address < addressOf(piece) + Number(piece.size));
}

function addressOf({ section }: ElfPiece): number {
  return elfAddress(section?.address ?? 0n);
}

function isStubs(bytes: Buffer, address: number, isSlot: Within): boolean {
  for (let at = 0; at < bytes.length; at += reader.length) {
    reader.read(bytes, at, bytes.length);
    if (reader.length === 0 || !isOfStub(bytes, at, { address, isSlot })) return false;
  }
  return true;
}

/** Of the instruction that was read: push and jmp of a slot, push of a number, jmp to the first stub, endbr64, nop. */
function isOfStub(
  bytes: Buffer,
  at: number,
  { address, isSlot }: { readonly address: number; readonly isSlot: Within },
): boolean {
  let opcode = at;
  while (bytes[opcode] === 0x66 || bytes[opcode] === 0x2e || bytes[opcode] === 0xf2 || bytes[opcode] === 0xf3) opcode++;
  const [first, second, third] = bytes.subarray(opcode, at + reader.length);
  const target = (): number => address + at + reader.length + bytes.readInt32LE(at + reader.relative);
  if (first === 0xff && (second === 0x25 || second === 0x35)) return isSlot(target());
  if (first === 0xe9) return target() === address;
  if (first === 0x0f) return second === 0x1f || (second === 0x1e && third === 0xfa);
  return first === 0x68 || first === 0x90;
}
