/** Registers that a call may leave with anything: x0 to x18 and x30 (AAPCS64 6.1.1). */
const OF_CALLS = 0x4007ffff;

/**
 * What of AArch64 instructions shifts with the layout of the program, and which registers they write: Arm ARM C4.1. An
 * address is made by ADRP, which gives a page, and one or more instructions that add the rest (AAELF64 5.7.6). One object
 * reads one instruction after the other, and makes none.
 */
export class Arm64Reader {
  /** Bits that hold a distance from the instruction or from its page; 0 without one. */
  distance = 0;
  /** Bits that hold what is added to the page in `base`; 0 for other instructions. */
  added = 0;
  /** The register that `added` counts from. */
  base = 0;
  /** Where it refers to, as far as it says so: for `added` without the page. */
  target = 0;
  /** The register that ADRP writes a page to; -1 for other instructions. */
  page = -1;
  /** True for branches that stay in the function or not, other than calls. */
  jump = false;
  /** False where the next instruction is only reached from elsewhere. */
  goesOn = true;
  /** One bit for each register that may be another one after it. */
  written = 0;

  /** Reads the instruction `word` that stands at `address`. */
  read(word: number, address: number): void {
    this.distance = 0;
    this.added = 0;
    this.target = 0;
    this.page = -1;
    this.jump = false;
    this.goesOn = true;
    this.written = writtenBy(word);
    if ((word & 0x7c000000) === 0x14000000) this.#branch(word, { bits: 0x03ffffff, left: 6, address });
    else if (masked(word, 0xff000000) === 0x54000000 || (word & 0x7e000000) === 0x34000000)
      this.#branch(word, { bits: 0x00ffffe0, left: 8, address });
    else if ((word & 0x7e000000) === 0x36000000) this.#branch(word, { bits: 0x0007ffe0, left: 13, address });
    else if ((word & 0x3b000000) === 0x18000000) {
      this.distance = 0x00ffffe0;
      this.target = address + ((word << 8) >> 13) * 4;
    } else if ((word & 0x1f000000) === 0x10000000) this.#address(word, address);
    else if (masked(word, 0xffc00000) === 0x91000000) this.#add(word, 1);
    else if ((word & 0x3b000000) === 0x39000000) this.#add(word, scaleOf(word));
    // BR, RET and those that check the address.
    else if (masked(word, 0xfe000000) === 0xd6000000) this.goesOn = (word & 0x00600000) === 0x00200000;
  }

  #branch(word: number, { bits, left, address }: { bits: number; left: number; address: number }): void {
    this.distance = bits;
    const low = left === 6 ? 6 : left + 5;
    this.target = address + ((word << left) >> low) * 4;
    const isCall = masked(word, 0xfc000000) === 0x94000000;
    this.jump = !isCall;
    this.goesOn = left !== 6 || isCall;
  }

  #address(word: number, address: number): void {
    this.distance = 0x60ffffe0;
    const value = ((word << 8) >> 13) * 4 + ((word >>> 29) & 3);
    if (word >= 0) {
      this.target = address + value;
      return;
    }
    this.page = word & 31;
    this.target = Math.floor(address / 4096) * 4096 + value * 4096;
  }

  #add(word: number, scale: number): void {
    this.added = 0x003ffc00;
    this.base = (word >>> 5) & 31;
    this.target = ((word >>> 10) & 0xfff) * scale;
  }
}

function masked(word: number, mask: number): number {
  return (word & mask) >>> 0;
}

/** Bytes of what is loaded or stored; of the SIMD registers of 16 bytes a bit tells. */
function scaleOf(word: number): number {
  return (word & 0x04800000) === 0x04800000 && word >>> 30 === 0 ? 16 : 2 ** (word >>> 30);
}

/** Rather a register too many than one too few. */
function writtenBy(word: number): number {
  const [first, rn, second, third] = [bitOf(word), bitOf(word >>> 5), bitOf(word >>> 10), bitOf(word >>> 16)];
  const kind = (word >>> 25) & 15;
  if ((kind & 14) === 10) {
    const isCall = masked(word, 0xfc000000) === 0x94000000 || masked(word, 0xfe600000) === 0xd6200000;
    // A call of the system gives something in x0; a register of it is read into another one.
    return isCall ? OF_CALLS : word >>> 24 === 0xd4 ? 1 : word >>> 24 === 0xd5 ? first : 0;
  }
  if ((kind & 5) === 4) {
    const isPair = (word & 0x3a000000) === 0x28000000;
    const writesBase = isPair
      ? (word & 0x00800000) !== 0
      : (word & 0x3b200400) === 0x38000400 || masked(word, 0xbe800000) === 0x0c800000;
    const values = (word & 0x04000000) !== 0 ? 0 : isPair ? first | second : first;
    const isExclusive = (word & 0x3f000000) === 0x08000000;
    const isAtomic = (word & 0x3b200c00) === 0x38200000;
    return values | (isExclusive ? second | third : isAtomic ? third : 0) | (writesBase ? rn : 0);
  }
  // Comparisons under a condition have flags where others have a register.
  if ((kind & 7) !== 7) return (word & 0x3fe00000) === 0x3a400000 ? 0 : first;
  // SIMD and floating point: conversions to and moves into general registers.
  const converts = (word & 0x5f200000) === 0x1e000000 || (word & 0x5f20fc00) === 0x1e200000;
  return converts || masked(word, 0xbfe0ec00) === 0x0e002c00 ? first : 0;
}

function bitOf(register: number): number {
  return 1 << (register & 31);
}
