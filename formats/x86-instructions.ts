const MODRM = 1;
const IMM8 = 2;
const IMM16 = 4;
/** 4 bytes, 2 with an operand size prefix. */
const IMMZ = 8;
/** As IMMZ, 8 bytes with REX.W. */
const IMMV = 16;
const REL32 = 32;
const MOFFS = 64;
const INVALID = 128;

/** Pieces such as "00-03 M" of an opcode map as flags by opcode. */
function mapOf(text: string, flags: Readonly<Record<string, number>>): Uint8Array {
  const map = new Uint8Array(256);
  for (const part of text.trim().split(/\s*,\s*/)) {
    const [range = '', kind = ''] = part.split(' ');
    const [first = '', last = first] = range.split('-');
    map.fill(flags[kind] ?? 0, Number.parseInt(first, 16), Number.parseInt(last, 16) + 1);
  }
  return map;
}

const FLAGS = {
  M: MODRM,
  Mb: MODRM | IMM8,
  Mz: MODRM | IMMZ,
  b: IMM8,
  w: IMM16,
  wb: IMM16 | IMM8,
  z: IMMZ,
  v: IMMV,
  J: REL32,
  o: MOFFS,
  x: INVALID,
};
const ARITHMETIC = [0x00, 0x08, 0x10, 0x18, 0x20, 0x28, 0x30, 0x38]
  .map((at) => {
    const hex = (offset: number): string => (at + offset).toString(16);
    return `${hex(0)}-${hex(3)} M,${hex(4)} b,${hex(5)} z,${hex(6)}-${hex(7)} x`;
  })
  .join(',');
const ONE = mapOf(
  `${ARITHMETIC},60-62 x,63 M,68 z,69 Mz,6a b,6b Mb,70-7f b,80 Mb,81 Mz,82 x,83 Mb,84-8f M,9a x,a0-a3 o,a8 b,a9 z,
  b0-b7 b,b8-bf v,c0-c1 Mb,c2 w,c6 Mb,c7 Mz,c8 wb,ca w,cd b,ce x,d0-d3 M,d4-d6 x,d8-df M,e0-e7 b,e8-e9 J,ea x,eb b,
  f6-f7 M,fe-ff M`,
  FLAGS,
);
const TWO = mapOf(
  `00-03 M,04 x,0a x,0c x,0d M,0f Mb,10-23 M,24-27 x,28-2f M,39 x,3b-3f x,40-6f M,70-73 Mb,74-76 M,78-79 M,7a-7b x,
  7c-7f M,80-8f J,90-9f M,a3 M,a4 Mb,a5 M,a6-a7 x,ab M,ac Mb,ad-b9 M,ba Mb,bb-c1 M,c2 Mb,c3 M,c4-c6 Mb,c7 M,d0-ff M`,
  FLAGS,
);

const OPERAND_SIZE = 1;
const ADDRESS_SIZE = 2;
const OTHER_PREFIX = 3;
/** Prefixes that may stand before an opcode, by byte: those of the operand and the address size apart from the rest. */
const PREFIX = new Uint8Array(256);
for (const byte of [0xf0, 0xf2, 0xf3, 0x2e, 0x36, 0x3e, 0x26, 0x64, 0x65]) PREFIX[byte] = OTHER_PREFIX;
PREFIX[0x66] = OPERAND_SIZE;
PREFIX[0x67] = ADDRESS_SIZE;

/** Bytes; longer ones are none. */
const LONGEST = 15;

/** Instructions that their opcode alone tells of, by opcode: bytes of an immediate, and these. 0 for all others. */
const PLAIN = 32;
const PLAIN_REL32 = 16;
const PLAIN_MODRM = 8;

function plainOf(map: Uint8Array, isOther: (opcode: number) => boolean): Uint8Array {
  return map.map((flags, opcode) => {
    if (isOther(opcode) || (flags & (INVALID | IMMV | MOFFS)) !== 0) return 0;
    const immediate = (flags & IMM8 ? 1 : 0) + (flags & IMM16 ? 2 : 0) + (flags & (IMMZ | REL32) ? 4 : 0);
    return PLAIN | (flags & REL32 ? PLAIN_REL32 : 0) | (flags & MODRM ? PLAIN_MODRM : 0) | immediate;
  });
}

const PLAIN_ONE = plainOf(
  ONE,
  (opcode) =>
    PREFIX[opcode] !== 0 || (opcode & 0xf0) === 0x40 || [0x0f, 0x62, 0x8f, 0xc4, 0xc5, 0xf6, 0xf7].includes(opcode),
);
const PLAIN_TWO = plainOf(TWO, (opcode) => opcode === 0x38 || opcode === 0x3a);

/** Bytes of a SIB and a displacement after a ModRM byte; a SIB without a base has four more. */
const MODRM_BYTES = new Uint8Array(256);
for (let modrm = 0; modrm < 0xc0; modrm++) {
  const mode = modrm >> 6;
  const sib = (modrm & 7) === 4 ? 1 : 0;
  MODRM_BYTES[modrm] = sib + (mode === 1 ? 1 : mode === 2 || (modrm & 7) === 5 ? 4 : 0);
}

/**
 * Lengths of x86 instructions, and where in them stands what shifts with the layout of the program: Intel SDM volume 2,
 * appendix A (opcode maps) and chapter 2 (prefixes, ModRM, SIB, VEX, EVEX). One object reads one instruction after the
 * other, and makes none: a large library has ten million.
 */
export class X86Reader {
  /** Bytes; 0 where it is no instruction, or is cut. */
  length = 0;
  /** Offset in the instruction of a 32-bit displacement relative to the instruction's end; 0 without one. */
  relative = 0;
  /** True for jumps and calls, false for data. Means nothing without a displacement. */
  branch = false;

  /** Reads the 64-bit instruction at `at` of `bytes`, which ends before `end`. */
  read(bytes: Uint8Array, at: number, end: number): void {
    if (end - at < LONGEST + 1) {
      this.#readAny(bytes, at, end);
      return;
    }
    // Most: at most a REX prefix, one or two bytes of opcode, and what these alone tell. It takes two thirds of the time.
    let next = at;
    let opcode = bytes[next++] as number;
    if ((opcode & 0xf0) === 0x40) opcode = bytes[next++] as number;
    const plain = opcode === 0x0f ? (PLAIN_TWO[bytes[next++] as number] as number) : (PLAIN_ONE[opcode] as number);
    if (plain === 0) {
      this.#readAny(bytes, at, end);
      return;
    }
    this.relative = 0;
    if ((plain & PLAIN_MODRM) !== 0) {
      const modrm = bytes[next++] as number;
      if ((modrm & 0xc7) === 5) {
        this.relative = next - at;
        this.branch = false;
      } else if ((modrm & 0xc7) === 4 && ((bytes[next] as number) & 7) === 5) next += 4;
      next += MODRM_BYTES[modrm] as number;
    } else if ((plain & PLAIN_REL32) !== 0) {
      this.relative = next - at;
      this.branch = true;
    }
    this.length = next - at + (plain & 7);
  }

  #readAny(bytes: Uint8Array, at: number, end: number): void {
    this.length = 0;
    this.relative = 0;
    let next = at;
    let small = false;
    let wide = false;
    let shortAddress = false;
    let opcode = 0;
    for (; next < end && next - at < LONGEST; next++) {
      opcode = bytes[next] as number;
      const prefix = PREFIX[opcode] as number;
      if (prefix === 0) break;
      if (prefix === OPERAND_SIZE) small = true;
      else if (prefix === ADDRESS_SIZE) shortAddress = true;
    }
    if ((opcode & 0xf0) === 0x40) {
      wide = (opcode & 8) !== 0;
      opcode = next + 1 < end ? (bytes[++next] as number) : 0x06;
    }
    next++;
    let flags = ONE[opcode] as number;
    if (opcode === 0x0f) {
      if (next >= end) return;
      opcode = bytes[next++] as number;
      flags = TWO[opcode] as number;
      if (opcode === 0x38 || opcode === 0x3a) {
        flags = opcode === 0x38 ? MODRM : MODRM | IMM8;
        next++;
      }
    } else if (opcode === 0xc5 || opcode === 0xc4 || opcode === 0x62 || isXop(bytes, next, opcode)) {
      const size = opcode === 0xc5 ? 1 : opcode === 0x62 ? 3 : 2;
      const map = opcode === 0xc5 ? 1 : (bytes[next] as number) & (opcode === 0x62 ? 7 : 31);
      next += size + 1;
      if (next > end) return;
      flags = vectorFlags(map, bytes[next - 1] as number);
    } else if (opcode === 0xf6 || opcode === 0xf7) {
      // TEST alone, the first two of the group, has an immediate.
      if (next < end && ((bytes[next] as number) & 0x38) < 0x10) flags |= opcode === 0xf6 ? IMM8 : IMMZ;
    }
    if ((flags & INVALID) !== 0) return;
    if ((flags & MODRM) !== 0) {
      if (next >= end) return;
      const modrm = bytes[next++] as number;
      const mode = modrm >> 6;
      const low = modrm & 7;
      if (mode !== 3) {
        let long = mode === 2;
        if (low === 4) {
          const scaled = bytes[next++] as number;
          if (mode === 0 && (scaled & 7) === 5) long = true;
        } else if (low === 5 && mode === 0) {
          this.relative = next - at;
          this.branch = false;
          long = true;
        }
        next += long ? 4 : mode === 1 ? 1 : 0;
      }
    }
    if ((flags & REL32) !== 0) {
      this.relative = next - at;
      this.branch = true;
      next += 4;
    }
    if ((flags & IMM8) !== 0) next += 1;
    if ((flags & IMM16) !== 0) next += 2;
    if ((flags & IMMZ) !== 0) next += small && !wide ? 2 : 4;
    if ((flags & IMMV) !== 0) next += wide ? 8 : small ? 2 : 4;
    if ((flags & MOFFS) !== 0) next += shortAddress ? 4 : 8;
    if (next <= end && next - at <= LONGEST) this.length = next - at;
    else this.relative = 0;
  }
}

function isXop(bytes: Uint8Array, next: number, opcode: number): boolean {
  return opcode === 0x8f && ((bytes[next] as number) & 0x1f) >= 8;
}

/** VEX, EVEX and XOP: map 1 is the map of 0f, and the others have a ModRM byte and an immediate or none. */
function vectorFlags(map: number, opcode: number): number {
  if (map === 1) return opcode === 0x77 ? 0 : MODRM | ((TWO[opcode] as number) & IMM8);
  if (map === 2 || map === 5 || map === 6 || map === 9) return MODRM;
  if (map === 3 || map === 8) return MODRM | IMM8;
  return map === 10 ? MODRM | IMMZ : INVALID;
}
