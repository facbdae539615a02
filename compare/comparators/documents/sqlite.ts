import { isUtf8 } from 'node:buffer';
import { ByteReader, readSqliteHeader, SQLITE_MAGIC, type SqliteHeader, sqliteValue } from '../../../formats/index.ts';
import { isReproofError } from '../../../model/index.ts';
import { escapeName, escapeText, shorten } from '../../escape.ts';
import { TOOLS } from '../../helpers/tools.ts';
import { bothOf } from '../../identity.ts';
import { byBytes, changedFields } from '../../pairing.ts';
import { readRange } from '../../section-parts.ts';
import type { ByteSource, Context, Explanation, LeafComparator, MemberHeader } from '../../types.ts';

const HEADER_BYTES = 100;
const DUMP_BYTES = 32 * 2 ** 20;
/** A file may lead through the same pages for ever; what may be dumped of one that does not takes a few seconds. */
const DUMP_SECONDS = 60;
const SHOWN_PAGES = 20;

/** SQLite databases: the header's numbers, schema and rows as sqlite3 dumps them, and which pages differ. */
export const sqlite: LeafComparator = {
  kind: 'leaf',
  id: 'sqlite',
  recognizes: (head) => Buffer.from(head.subarray(0, 16)).toString('latin1') === SQLITE_MAGIC,
  async *explain(left, right, context) {
    const [old, now] = await bothOf(readHeader(left), readHeader(right));
    yield { kind: 'fields', fields: changedFields(inWords(old), inWords(now)) };
    const [version, otherVersion] = [inWords(old)['SQLite version'], inWords(now)['SQLite version']];
    if (version !== undefined && otherVersion !== undefined && version !== otherVersion)
      yield {
        kind: 'reason',
        reason: { kind: 'version-text', evidence: 'SQLite version in the header', left: version, right: otherVersion },
      };
    const marked = ['user version', 'application id'].some((name) => old.numbers[name] !== now.numbers[name]);
    const sides = { left, right, context, marked };
    const dumps = await printBoth(sides, '.dump');
    if ('why' in dumps) yield { kind: 'note', text: dumps.why };
    else yield* dumpChange(dumps.left, dumps.right, sides);
    if (old.pageBytes === now.pageBytes) yield await pageChange(left, right, old.pageBytes);
  },
};

async function readHeader(source: ByteSource): Promise<SqliteHeader> {
  return readSqliteHeader(await readRange(source, { offset: 0, size: HEADER_BYTES }));
}

function inWords({ numbers }: SqliteHeader): MemberHeader {
  return Object.fromEntries(Object.entries(numbers).map(([name, value]) => [name, sqliteValue(name, value)]));
}

async function* dumpChange(old: readonly string[], now: readonly string[], sides: Sides): AsyncGenerator<Explanation> {
  yield { kind: 'lines', title: 'schema and rows', held: true, left: old, right: now };
  if (old.length !== now.length) return;
  if (old.every((line, index) => line === now[index])) yield* unseenChange(sides);
  else if (sortedStatements(old) === sortedStatements(now))
    yield { kind: 'reason', reason: { kind: 'order', evidence: 'the same schema and rows in another order' } };
}

/** What a dump begins its statements with; text of a schema may go on over lines, whose order counts. */
const STATEMENT = /^(?:PRAGMA |BEGIN TRANSACTION|CREATE |INSERT INTO |DELETE FROM |ANALYZE |COMMIT)/;

function sortedStatements(lines: readonly string[]): string {
  const statements: string[][] = [];
  for (const line of lines) {
    const open = STATEMENT.test(line) ? undefined : statements.at(-1);
    if (open === undefined) statements.push([line]);
    else open.push(line);
  }
  return statements
    .map((statement) => statement.join('\n'))
    .sort()
    .join('\n');
}

/** Of a text that holds NUL, a dump has what stands before it: a digest of the rows has all. */
async function* unseenChange(sides: Sides): AsyncGenerator<Explanation> {
  const digests = await printBoth(sides, '.sha3sum');
  if ('why' in digests) yield { kind: 'note', text: 'the same schema and rows, as far as sqlite3 prints them' };
  else if (digests.left.join() === digests.right.join()) {
    yield { kind: 'note', text: 'the same schema and rows' };
    const other = { kind: 'layout', evidence: 'the same schema and rows, stored otherwise' } as const;
    const evidence = 'the same schema and rows, and another user version or application id';
    yield { kind: 'reason', reason: sides.marked ? { kind: 'data', evidence } : other };
  } else
    yield {
      kind: 'reason',
      reason: { kind: 'data', evidence: 'rows differ in what sqlite3 does not print, such as text after NUL' },
    };
}

type Sides = {
  readonly left: ByteSource;
  readonly right: ByteSource;
  readonly context: Context;
  /** True where numbers differ that the header keeps for the application, which no dump shows. */
  readonly marked: boolean;
};

type Printed = { readonly left: readonly string[]; readonly right: readonly string[] } | { readonly why: string };

/** What a command prints of either, or why that is not to be had: what the header says is told all the same. */
async function printBoth({ left, right, context }: Sides, command: '.dump' | '.sha3sum'): Promise<Printed> {
  try {
    const [old, now] = await bothOf(print(left, command, context), print(right, command, context));
    if (typeof old !== 'string' && typeof now !== 'string') return { left: old, right: now };
    const [why = ''] = [old, now].filter((one) => typeof one === 'string').sort(byBytes);
    return { why };
  } catch (error) {
    if (!isReproofError(error, 'PROGRAM_FAILED', 'PROGRAM_LIMIT')) throw error;
    if (error.code === 'PROGRAM_LIMIT') context.budget.refuseRun();
    return { why: escapeText(`${error.code}: ${error.message}`) };
  }
}

/** The lines that a command prints, or why there are none. */
async function print(
  source: ByteSource,
  command: string,
  { budget, helpers }: Context,
): Promise<readonly string[] | string> {
  if (!budget.takeProgramRun()) return 'schema and rows are not compared: no run of a program is left';
  const file = await helpers.file(source, budget.limits.heldBytes);
  if (file === undefined) {
    budget.refuseRun();
    return `schema and rows are not compared: the database is larger than ${budget.limits.heldBytes} bytes`;
  }
  try {
    // Safe mode keeps a hostile schema from files and extensions; immutable needs no write-ahead log beside the file.
    const uri = `file:${encodeURI(file.path).replace(/[?#]/g, encodeURIComponent)}?immutable=1`;
    const options = ['-init', '/dev/null', '-safe', '-readonly', '-batch'];
    const result = await helpers.run(TOOLS.sqlite3, [...options, uri, command], {
      outputBytes: DUMP_BYTES,
      seconds: DUMP_SECONDS,
    });
    if (result.kind === 'missing') return result.note;
    if (result.status === 0) return linesOf(result.stdout);
    const said = result.stderr.replaceAll(file.path, 'the database').split('\n', 1)[0] ?? '';
    return escapeText(`sqlite3 could not read a side: ${shorten(said, 200)}`);
  } finally {
    await file.remove();
  }
}

/** A database may hold texts that are no UTF-8: lines with one are told byte by byte, so that no two look alike. */
function linesOf(printed: Buffer): readonly string[] {
  if (isUtf8(printed)) return printed.toString('utf8').split('\n');
  const lines = printed.toString('latin1').split('\n');
  return lines.map((line) => {
    const bytes = Buffer.from(line, 'latin1');
    return isUtf8(bytes) ? bytes.toString('utf8') : escapeName(line);
  });
}

/** Which pages differ, counted from 1 as SQLite counts them. */
async function pageChange(left: ByteSource, right: ByteSource, pageBytes: number): Promise<Explanation> {
  const readers = [new ByteReader(left.open()), new ByteReader(right.open())] as const;
  const differing: number[] = [];
  let count = 0;
  let pages = 0;
  try {
    for (;;) {
      const [one, other] = await bothOf(readers[0].read(pageBytes), readers[1].read(pageBytes));
      if (one.length + other.length === 0) break;
      pages++;
      if (one.equals(other)) continue;
      count++;
      if (differing.length < SHOWN_PAGES) differing.push(pages);
    }
  } finally {
    await bothOf(readers[0].close(), readers[1].close());
  }
  const more = count > differing.length ? ' and more' : '';
  return { kind: 'detail', text: `differing pages: ${count} of ${pages} (${differing.join(', ')}${more})` };
}
