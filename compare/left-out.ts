import { isUtf8 } from 'node:buffer';
import { escapeText } from './escape.ts';

/** What is left out of a comparison on purpose. It never makes two files identical: their bytes decide. */
export type LeaveOut = {
  /** Globs of member names (*, ? and [...]): of the whole name, without ./ before it, or of its last part. */
  readonly members?: readonly string[];
  /** True leaves mode, owner and times of members out. */
  readonly metadata?: boolean;
};

type MemberHeader = Readonly<Record<string, string>>;

const METADATA = /\b(?:mode|owner|group|uid|gid|uname|gname|permissions|attributes)\b|time/;

/** Decides of each member what is left out of it, and counts. */
export class LeftOut {
  readonly #globs: readonly string[];
  readonly #metadata: boolean;
  #members = 0;

  constructor({ members = [], metadata = false }: LeaveOut) {
    this.#globs = members;
    this.#metadata = metadata;
  }

  /** True when something may be missing from what is told. */
  get active(): boolean {
    return this.#metadata || this.#globs.length > 0;
  }

  /** True when mode, owner and times of all members are left out. */
  get takesMetadata(): boolean {
    return this.#metadata;
  }

  /** As `names`; a member that is left out is counted. */
  takesMember(name: string): boolean {
    const taken = this.names(name);
    if (taken) this.#members++;
    return taken;
  }

  /** True when the member of this name is left out; `name` is its bytes as latin1, or a path. */
  names(name: string): boolean {
    if (this.#globs.length === 0) return false;
    const whole = charactersOf(name).replace(/^\.\//, '');
    const last = whole.slice(whole.lastIndexOf('/', whole.length - 2) + 1);
    return this.#globs.some((glob) => [name, whole, last].some((each) => globMatches(glob, each)));
  }

  /** What is kept of a member's header. */
  keptHeader(header: MemberHeader): MemberHeader {
    if (!this.#metadata) return header;
    return Object.fromEntries(Object.entries(header).filter(([name]) => !METADATA.test(name)));
  }

  /** What was left out, for the report. */
  notes(): readonly string[] {
    const globs = this.#globs.map(escapeText).join(' ');
    return [
      ...(this.#globs.length === 0 ? [] : [`left out as asked: ${this.#members} members named ${globs}`]),
      ...(this.#metadata ? ['left out as asked: mode, owner and times of members'] : []),
    ];
  }
}

/** What bytes in latin1 are as UTF-8; the name itself where they are none. */
function charactersOf(name: string): string {
  if (!/[\x80-\xff]/.test(name) || /[^\0-\xff]/.test(name)) return name;
  const bytes = Buffer.from(name, 'latin1');
  return isUtf8(bytes) ? bytes.toString('utf8') : name;
}

/** fnmatch(3) without flags: `*` takes slashes, too. Never more than the product of both lengths in work. */
export function globMatches(glob: string, text: string): boolean {
  let [at, from] = [0, 0];
  let star = -1;
  let starAt = 0;
  while (at < text.length) {
    const next = glob[from] === '*' ? undefined : takesOne(glob, from, text[at] as string);
    if (glob[from] === '*') {
      star = from++;
      starAt = at;
    } else if (next !== undefined) {
      from = next;
      at++;
    } else if (star >= 0) {
      from = star + 1;
      at = ++starAt;
    } else return false;
  }
  while (glob[from] === '*') from++;
  return from === glob.length;
}

/** Where the glob goes on when what stands at `from` takes the character; undefined when it does not. */
function takesOne(glob: string, from: number, character: string): number | undefined {
  const one = glob[from];
  if (one === '?') return from + 1;
  const end = one === '[' ? glob.indexOf(']', from + (/[!^]/.test(glob[from + 1] ?? '') ? 3 : 2)) : -1;
  if (end < 0) return one === character ? from + 1 : undefined;
  const not = /[!^]/.test(glob[from + 1] as string);
  const set = glob.slice(from + (not ? 2 : 1), end);
  let found = false;
  for (let index = 0; index < set.length; index++) {
    const [low, dash, high] = [set[index] as string, set[index + 1], set[index + 2]];
    const ranged = dash === '-' && high !== undefined;
    found ||= ranged ? low <= character && character <= high : low === character;
    if (ranged) index += 2;
  }
  return found === not ? undefined : end + 1;
}
