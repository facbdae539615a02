import { type PycHeader, type PythonFile, readPycHeader, readPythonCode } from '../../../formats/index.ts';
import { isReproofError, type Reason, type ReasonKind } from '../../../model/index.ts';
import { bufferSource } from '../../buffer-source.ts';
import { rangeSource } from '../../byte-source.ts';
import { escapeText, shorten } from '../../escape.ts';
import { bothOf, ofBoth } from '../../identity.ts';
import { namedPairs } from '../../named-pairs.ts';
import { byBytes, changedFields } from '../../pairing.ts';
import { readWhole } from '../../read-whole.ts';
import type { ByteSource, Explanation, LeafComparator, MemberHeader } from '../../types.ts';

const LIMITS = { depth: 500, objects: 1_000_000, characters: 16 * 2 ** 20 };

/** Compiled Python: the header apart from the code, and each code object with its names, constants and instructions. */
export const pythonCode: LeafComparator = {
  kind: 'leaf',
  id: 'pyc',
  recognizes: (head) => readPycHeader(head) !== undefined,
  async *explain(left, right, { budget }) {
    const limit = budget.limits.textBytes;
    const [old, now] = await bothOf(readWhole(left, limit), readWhole(right, limit));
    if (old === undefined || now === undefined) {
      yield { kind: 'declined', why: `not read as compiled Python: longer than ${limit} bytes` };
      return;
    }
    const headers = [readPycHeader(old) as PycHeader, readPycHeader(now) as PycHeader] as const;
    yield { kind: 'fields', fields: changedFields(headerFields(headers[0]), headerFields(headers[1])) };
    yield* headerReasons(...headers);
    if (old.subarray(headers[0].bytes).equals(now.subarray(headers[1].bytes))) {
      yield { kind: 'detail', text: 'the same code: only the header differs' };
      return;
    }
    const files = readBoth([
      { bytes: old, header: headers[0] },
      { bytes: now, header: headers[1] },
    ]);
    if ('why' in files) {
      yield { kind: 'note', text: files.why };
      yield { kind: 'part', name: 'code', left: rest(left, headers[0], old), right: rest(right, headers[1], now) };
      return;
    }
    const end = ([bytes, { trailing }]: readonly [Buffer, PythonFile]): Buffer =>
      bytes.subarray(bytes.length - trailing);
    const [oldEnd, nowEnd] = [end([old, files.files[0]]), end([now, files.files[1]])];
    const sameEnds = oldEnd.equals(nowEnd);
    yield* describe(...files.files, sameEnds);
    if (sameEnds || oldEnd.length !== nowEnd.length) return;
    const part = (bytes: Buffer): ByteSource => bufferSource('(after the code)', bytes);
    yield { kind: 'part', name: '(after the code)', left: part(oldEnd), right: part(nowEnd) };
  },
};

type PycSide = { readonly bytes: Buffer; readonly header: PycHeader };

/** Both sides' code, or why one of them cannot be read: the header is told all the same. */
function readBoth(
  sides: readonly [PycSide, PycSide],
): { readonly files: readonly [PythonFile, PythonFile] } | { readonly why: string } {
  try {
    return { files: ofBoth(...sides, ({ bytes, header }) => readPythonCode(bytes, header, LIMITS)) };
  } catch (error) {
    if (!isReproofError(error, 'FORMAT_MALFORMED', 'FORMAT_LIMIT')) throw error;
    return { why: escapeText(`${error.code}: ${error.message}`) };
  }
}

function rest(source: ByteSource, { bytes }: PycHeader, whole: Buffer): ByteSource {
  return rangeSource(source, { name: 'code', offset: bytes, size: whole.length - bytes });
}

function headerFields(header: PycHeader): MemberHeader {
  const { magic, release, flags, sourceTime, sourceSize, sourceHash } = header;
  return {
    magic: `${magic} (Python ${release})`,
    flags: flags === undefined ? '' : String(flags),
    'source mtime': sourceTime === undefined ? '' : time(sourceTime),
    'source size': sourceSize === undefined ? '' : String(sourceSize),
    'source hash': sourceHash ?? '',
  };
}

function time(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace('.000Z', 'Z');
}

function* headerReasons(left: PycHeader, right: PycHeader): Generator<Explanation> {
  const [old, now] = [left.sourceTime, right.sourceTime];
  if (old !== undefined && now !== undefined && old !== now)
    yield {
      kind: 'reason',
      reason: { kind: 'timestamp', evidence: 'mtime of the source in the header', left: time(old), right: time(now) },
    };
  if (left.magic !== right.magic)
    yield {
      kind: 'reason',
      reason: {
        kind: 'version-text',
        evidence: 'magic number of the Python release',
        left: left.release,
        right: right.release,
      },
    };
}

function* describe(left: PythonFile, right: PythonFile, sameEnds: boolean): Generator<Explanation> {
  const trailing = ({ trailing: bytes }: PythonFile): MemberHeader => ({
    'bytes after the code': bytes === 0 ? '' : String(bytes),
  });
  yield { kind: 'fields', fields: changedFields(trailing(left), trailing(right)) };
  const [paths, otherPaths] = [pathsOf(left), pathsOf(right)];
  const samePaths = left.codes.every((code, index) => code.fileName === right.codes[index]?.fileName);
  if (paths !== otherPaths) {
    const sides = { left: paths, right: otherPaths };
    yield { kind: 'fields', fields: [{ name: 'compiled from', ...sides }] };
    yield { kind: 'reason', reason: { kind: 'path', evidence: 'co_filename of the code objects', ...sides } };
  }
  const allSets = ({ setOrders }: PythonFile, what: 'content' | 'order'): string =>
    setOrders.map(({ [what]: digest }) => `${digest.length} ${digest}`).join();
  const sameOrders = allSets(left, 'order') === allSets(right, 'order');
  if (!sameOrders && allSets(left, 'content') === allSets(right, 'content'))
    yield { kind: 'reason', reason: { kind: 'order', evidence: 'items of set constants in another order' } };
  const { pairs } = namedPairs(left.codes, right.codes, (code) => code.name);
  let differing = 0;
  const changed = new Set<ReasonKind>();
  for (const { name, left: old, right: now } of pairs) {
    const [before, after] = [old?.lines ?? [], now?.lines ?? []];
    const withoutPath = (lines: readonly string[]): string =>
      lines.filter((line) => !line.startsWith('filename ')).join('\n');
    if (withoutPath(before) === withoutPath(after)) continue;
    differing++;
    if (old !== undefined && now !== undefined) changed.add(changeOf(before, after));
    yield { kind: 'lines', title: name, left: before, right: after };
  }
  const [what] = CHANGES.filter(({ kind }) => changed.has(kind));
  if (what !== undefined) yield { kind: 'reason', reason: what };
  const equal = left.digest === right.digest;
  if (equal && samePaths && sameOrders && sameEnds)
    yield {
      kind: 'reason',
      reason: {
        kind: 'layout',
        evidence: 'the same objects: only which of them are shared, interned or flagged differs',
      },
    };
  yield {
    kind: 'detail',
    text: equal ? 'equal code and constants' : `differing code objects: ${differing} of ${pairs.length}`,
  };
}

/** What two code objects differ in, that which counts most first. */
const CHANGES: readonly Reason[] = [
  { kind: 'code', evidence: 'instructions of code objects differ, or names, flags or counts in them' },
  { kind: 'data', evidence: 'constants of code objects differ' },
  { kind: 'debug-info', evidence: 'places of code objects in the source differ' },
];
const PLACES = /^(?:filename|firstlineno|linetable|lnotab) /;

function changeOf(left: readonly string[], right: readonly string[]): ReasonKind {
  const differ = (isLeftOut: (line: string) => boolean): boolean =>
    left.filter((line) => !isLeftOut(line)).join('\n') !== right.filter((line) => !isLeftOut(line)).join('\n');
  if (differ((line) => PLACES.test(line) || line.startsWith('consts '))) return 'code';
  return differ((line) => PLACES.test(line)) ? 'data' : 'debug-info';
}

function pathsOf({ codes }: PythonFile): string {
  const names = [...new Set(codes.map((code) => code.fileName))].sort(byBytes);
  const more = names.length > 1 ? ` and ${names.length - 1} more` : '';
  return `${escapeText(shorten(names[0] ?? '', 400))}${more}`;
}
