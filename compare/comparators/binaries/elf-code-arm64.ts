import { Arm64Reader } from '../../../formats/index.ts';
import { either, type Targets } from './elf-code-targets.ts';

/** One side's function: its bytes in memory, and the address of the first of them. */
export type Arm64Code = { readonly memory: Buffer; readonly from: number; readonly address: number };

/** What two addresses stand for; undefined where nothing tells. */
export type TargetsOf = (old: number, now: number) => Targets | undefined;

/** `either` where it is not known whether something is an address. */
export type Arm64Found = Targets | 'code' | 'either';

const one = new Arm64Reader();
const other = new Arm64Reader();
const REGISTERS = 32;
const NONE = -1;
/** Jumps of a function whose registers are kept until what they lead to is reached. */
const KEPT = 10_000;

/**
 * Compares two functions of the same size, whose words may differ in addresses alone. Which page a register holds is
 * followed along forward jumps; what is reached in another way has none.
 */
export function compareArm64(
  left: Arm64Code,
  right: Arm64Code,
  { size, targetsOf }: { readonly size: number; readonly targetsOf: TargetsOf },
): Arm64Found {
  const pages = new Pages();
  let targets: Targets = 'same';
  let unknown = false;
  const refer = (old: number, now: number): void => {
    const found = targetsOf(old, now);
    if (found === undefined) unknown = true;
    else targets = either(targets, found);
  };
  for (let at = 0; at + 4 <= size; at += 4) {
    pages.reach(at);
    const [word, now] = [left.memory.readInt32LE(left.from + at), right.memory.readInt32LE(right.from + at)];
    one.read(word, left.address + at);
    other.read(now, right.address + at);
    if (((word ^ now) & ~(one.distance | one.added)) !== 0) return 'code';
    const page = one.added === 0 ? NONE : pages.of(one.base);
    if (page !== NONE) {
      pages.use(page);
      refer(pages.left(page) + one.target, pages.right(page) + other.target);
    } else if (one.added !== 0 && word !== now) {
      // What counts from the stack is no address.
      if (one.base === 31) return 'code';
      unknown = true;
    } else if (one.distance !== 0 && one.page < 0 && (word !== now || !isWithin(one.target - left.address, size))) {
      refer(one.target, other.target);
    }
    pages.follow(at, { target: one.target - left.address, otherPage: other.target });
  }
  if (size % 4 !== 0 && left.memory.readUInt8(left.from + size - 1) !== right.memory.readUInt8(right.from + size - 1))
    return 'code';
  return unknown || pages.unused ? 'either' : targets;
}

function isWithin(offset: number, size: number): boolean {
  return offset >= 0 && offset < size;
}

/** The pages that registers hold, each by a number: the same page on both sides is the same one. */
class Pages {
  #now: Int32Array = new Int32Array(REGISTERS).fill(NONE);
  #live = true;
  #lost = false;
  readonly #waiting = new Map<number, Int32Array>();
  readonly #values: number[] = [];
  readonly #numbers = new Map<string, number>();
  readonly #used = new Set<number>();

  of(register: number): number {
    return this.#now[register] as number;
  }

  use(page: number): void {
    this.#used.add(page);
  }

  left(page: number): number {
    return this.#values[2 * page] as number;
  }

  right(page: number): number {
    return this.#values[2 * page + 1] as number;
  }

  /** True where a page is not known to be used, or not all jumps were followed. */
  get unused(): boolean {
    return this.#lost || this.#used.size < this.#numbers.size;
  }

  /** What jumps brought here counts as much as what comes before it. */
  reach(at: number): void {
    const brought = this.#waiting.get(at);
    if (brought !== undefined) {
      if (this.#live) join(this.#now, brought);
      else this.#now = brought;
      this.#waiting.delete(at);
    } else if (!this.#live) this.#now.fill(NONE);
    this.#live = true;
  }

  /** After the instruction that `one` has read. */
  follow(at: number, { target, otherPage }: { readonly target: number; readonly otherPage: number }): void {
    if (one.jump && target > at) this.#keep(target);
    for (let register = 0; one.written !== 0 && register < REGISTERS; register++)
      if (((one.written >>> register) & 1) === 1) this.#now[register] = NONE;
    if (one.page >= 0) {
      this.#now[one.page] = this.#numberOf(one.target, otherPage);
    }
    this.#live = one.goesOn;
  }

  #numberOf(left: number, right: number): number {
    const key = `${left} ${right}`;
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    const number = this.#numbers.size;
    this.#numbers.set(key, number);
    this.#values.push(left, right);
    return number;
  }

  #keep(target: number): void {
    const kept = this.#waiting.get(target);
    if (kept !== undefined) join(kept, this.#now);
    else if (this.#waiting.size < KEPT) this.#waiting.set(target, this.#now.slice());
    else this.#lost = true;
  }
}

function join(into: Int32Array, from: Int32Array): void {
  for (let register = 0; register < REGISTERS; register++) if (into[register] !== from[register]) into[register] = NONE;
}
