import { describe, expect, it } from 'vitest';
import { type JsonToken, JsonTokens } from '../../../compare/diffoscope/json-tokens.ts';
import {
  type DiffoscopeTree,
  type Room,
  readDiffoscopeJson,
} from '../../../compare/diffoscope/read-diffoscope-json.ts';
import { ReproofError } from '../../../model/index.ts';

const room: Room = { takeNode: () => true, takeBytes: () => true, diffCharacters: 1_000, topHex: true };
const node = (more: Readonly<Record<string, unknown>> = {}): object => ({ source1: 'x', source2: 'x', ...more });
const document = (more: Readonly<Record<string, unknown>> = {}): string =>
  JSON.stringify({ 'diffoscope-json-version': 1, ...node(), unified_diff: null, ...more });

async function* pieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

function read(text: string, options: Partial<Room> = {}, size = 65_536): Promise<DiffoscopeTree | undefined> {
  return readDiffoscopeJson(pieces(Buffer.from(text), size), { ...room, ...options });
}

/** The value that tokens spell, put together again. */
function rebuilt(text: string): unknown {
  const tokens: JsonToken[] = [];
  const reader = new JsonTokens({ characters: 1_000, depth: 20 }, (token) => tokens.push(token));
  reader.push(text);
  reader.end();
  const value = (): unknown => {
    const token = tokens.shift() as JsonToken;
    if (token.kind === 'string') return token.text;
    if (token.kind === 'literal') return JSON.parse(token.text);
    const entries: [string, unknown][] = [];
    for (let index = 0; tokens[0]?.kind !== 'close'; index++) {
      const key =
        token.kind === 'open' && token.of === 'object' ? (tokens.shift() as { text: string }).text : `${index}`;
      entries.push([key, value()]);
    }
    const { of } = tokens.shift() as { of: string };
    return of === 'object' ? Object.fromEntries(entries) : entries.map(([, one]) => one);
  };
  return value();
}

const WHOLE = document({
  unified_diff: '@@ -1,2 +1,1 @@\n-a\u001b"\\\n+bä\ud83d\ude00\n',
  comments: ['one', 'two\nlines'],
  has_internal_linenos: false,
  unknown: { of: [1, { later: ['version'] }], and: null },
  details: [node({ details: [node({ source2: 'y' })] }), node({ comments: [] })],
});

describe('reading JSON as it comes', () => {
  it.each([
    '{"a":[1,-2.5e3,true,false,null,"",{}],"b":{"c":[[]]}}',
    ' [ "\\u00e9\\n\\"\\/\\b\\f\\r\\t\\\\" , 0 ] ',
    '"text"',
    '12',
  ])('gives what JSON.parse gives for %j', (text) => {
    expect(rebuilt(text)).toEqual(JSON.parse(text));
  });

  it.each([
    '',
    '{',
    '[1,]',
    '{"a"}',
    '{"a":1,}',
    '[1 2]',
    '"a',
    '"\\x"',
    '"\\u12g4"',
    'tru',
    '01',
    '[}',
    '{]',
    '1 1',
    '{1:2}',
    '[,1]',
    '#',
    '{"a":}',
  ])('refuses %j, as JSON.parse does', (text) => {
    expect(() => JSON.parse(text)).toThrow();
    expect(() => rebuilt(text)).toThrow(expect.objectContaining({ code: 'FORMAT_MALFORMED' }));
  });

  it('ends where more is inside each other than may be', () => {
    expect(rebuilt(`${'['.repeat(20)}${']'.repeat(20)}`)).toBeDefined();
    expect(() => rebuilt('['.repeat(21))).toThrow(expect.objectContaining({ code: 'FORMAT_LIMIT' }));
  });
});

describe("reading diffoscope's JSON", () => {
  it('gives the same tree in pieces of 1, 7 and all bytes', async () => {
    const whole = await read(WHOLE);
    expect(whole?.node).toMatchObject({
      path: 'x',
      kind: 'diffoscope',
      notes: ['one', 'two\\nlines'],
      diff: '@@ -1,2 +1,1 @@\n-a\\x1b"\\\n+bä\u{1f600}\n',
      truncated: false,
    });
    expect(whole?.node.children.map(({ children }) => children.length)).toEqual([1, 0]);
    expect(whole?.node.children[0]?.children[0]).toMatchObject({ left: { name: 'x' }, right: { name: 'y' } });
    for (const size of [1, 7]) expect(await read(WHOLE, {}, size)).toEqual(whole);
  });

  it('refuses it cut at any byte', async () => {
    const bytes = Buffer.from(WHOLE);
    for (let end = 1; end < bytes.length; end++)
      await expect(readDiffoscopeJson(pieces(bytes.subarray(0, end), 4_096), room)).rejects.toMatchObject({
        code: 'FORMAT_MALFORMED',
      });
    expect(await read('')).toBeUndefined();
  });

  it.each([
    '[]',
    '1',
    '{"diffoscope-json-version":2,"source1":"x","source2":"x"}',
    '{"source1":"x","source2":"x"}',
    '{"diffoscope-json-version":1,"source1":1,"source2":"x"}',
    '{"diffoscope-json-version":1,"source1":"x"}',
    '{"diffoscope-json-version":1,"source1":{},"source2":"x"}',
    document({ details: {} }),
    document({ details: ['x'] }),
    document({ details: [[]] }),
    document({ details: [{}] }),
  ])('refuses %s', async (text) => {
    await expect(read(text)).rejects.toMatchObject({ code: 'FORMAT_MALFORMED' });
  });

  it('says what there was no room for', async () => {
    const cut = await read(WHOLE, { takeNode: () => false, takeBytes: () => false });
    expect(cut?.node).toMatchObject({ children: [], truncated: true });
    expect(cut?.node.notes.slice(2)).toEqual([
      '2 more are left out: a limit was reached',
      'its lines are left out: the limit of the report was reached',
    ]);
  });

  it('holds no more of one node than its limit, and keeps whole lines', async () => {
    const lines = Array.from({ length: 100 }, (_, index) => `-${String(index).padStart(9, '0')}\n`).join('');
    const exact = await read(document({ unified_diff: lines }), { diffCharacters: lines.length });
    expect(exact?.node).toMatchObject({ diff: lines, truncated: false, notes: [] });
    const cut = await read(document({ unified_diff: lines }), { diffCharacters: lines.length - 1 });
    expect(cut?.node).toMatchObject({ diff: lines.slice(0, -11), truncated: true });
    expect(cut?.node.notes).toEqual(['its lines end at the limit of 1099 characters for one node']);
  });

  it('tells a mere dump of bytes, and leaves it out where that is not wanted', async () => {
    const dump = document({ has_internal_linenos: true, unified_diff: '@@ -1 +1 @@\n-00000000: 61\n+00000000: 62\n' });
    expect(await read(dump)).toMatchObject({ hex: true, node: { diff: expect.stringContaining('61') } });
    const without = await read(dump, { topHex: false });
    expect(without?.hex).toBe(true);
    expect(without?.node.diff).toBeUndefined();
  });

  it('keeps what came before a limit ended it, and throws what else ended it', async () => {
    async function* ended(code: 'PROGRAM_LIMIT' | 'PROGRAM_FAILED'): AsyncGenerator<Uint8Array> {
      yield Buffer.from(WHOLE.slice(0, WHOLE.indexOf('"y"')));
      throw new ReproofError(code, 'ended');
    }
    const partial = await readDiffoscopeJson(ended('PROGRAM_LIMIT'), room);
    expect(partial?.node).toMatchObject({
      truncated: true,
      children: [{ truncated: true, children: [{ path: 'x' }] }],
    });
    expect(partial?.node.notes).toContain('PROGRAM_LIMIT: ended');
    await expect(readDiffoscopeJson(ended('PROGRAM_FAILED'), room)).rejects.toMatchObject({ code: 'PROGRAM_FAILED' });
  });

  it('counts comments past the twentieth', async () => {
    const said = await read(document({ comments: Array.from({ length: 23 }, (_, index) => `c${index}`) }));
    expect(said?.node.notes).toHaveLength(21);
    expect(said?.node.notes.at(-1)).toBe('3 comments more');
  });
});
