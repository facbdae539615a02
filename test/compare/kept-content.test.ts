import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Budget } from '../../compare/budget.ts';
import type { ByteSource } from '../../compare/byte-source.ts';
import { Helpers } from '../../compare/helpers/helper-runner.ts';
import { DEFAULT_COMPARE_LIMITS, explain } from '../../compare/index.ts';
import { KeptContent } from '../../compare/kept-content.ts';
import { mirror } from '../helpers/mirror.ts';
import { END, header } from '../helpers/small-tar.ts';

const MEBI = 2 ** 20;
const noise = (bytes: number, seed: string): Buffer =>
  createHash('shake256', { outputLength: bytes }).update(seed).digest();
/** More than is kept at first. */
const long = Buffer.concat(Array.from({ length: 36 }, (_, at) => noise(MEBI, `m${at}`)));
const short = long.subarray(0, 3 * MEBI + 7);

/** A source that can be read but from its start, in lent pieces, with how often it was. */
function unpacking(bytes: Buffer): { readonly source: ByteSource; readonly opened: number[] } {
  const opened: number[] = [];
  const lent = Buffer.alloc(100_000);
  const source: ByteSource = {
    name: 'content',
    size: undefined,
    async *open(start = 0, chunks) {
      opened.push(start);
      for (let at = start; at < bytes.length; at += lent.length) {
        const piece = bytes.subarray(at, at + lent.length);
        yield chunks === 'lent' ? lent.subarray(0, piece.copy(lent)) : piece;
      }
    },
  };
  return { source, opened };
}

const helpers: Helpers[] = [];
const closing: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of [...closing.splice(0), ...helpers.splice(0)]) await each.close();
});
function keptOf(source: ByteSource, limits: Partial<typeof DEFAULT_COMPARE_LIMITS> = {}): KeptContent {
  const budget = new Budget({ ...DEFAULT_COMPARE_LIMITS, ...limits });
  const own = new Helpers(budget);
  helpers.push(own);
  const kept = new KeptContent(source, { budget, helpers: own });
  closing.push(kept);
  return kept;
}

async function all(source: ByteSource, start = 0): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of source.open(start, 'lent')) pieces.push(Buffer.from(piece));
  return Buffer.concat(pieces);
}

/** Reads it for the first time; `keep` is called in the middle of the piece that holds `position`. */
async function readFirst(kept: KeptContent, position = Number.POSITIVE_INFINITY): Promise<void> {
  let at = 0;
  for await (const piece of kept.reading.open(0, 'lent')) {
    if (position >= at && position < at + piece.length) kept.keep(position);
    at += piece.length;
  }
}

describe('content that is kept while it is read', () => {
  it('is unpacked once where it is short', async () => {
    const { source, opened } = unpacking(short);
    const kept = keptOf(source);
    await readFirst(kept);
    expect((await all(kept.source)).equals(short)).toBe(true);
    expect((await all(kept.source, 123_456)).equals(short.subarray(123_456))).toBe(true);
    const range = kept.range('part', 1000, 5000);
    expect(range?.seekable).toBe(true);
    expect(await all(range as ByteSource)).toEqual(short.subarray(1000, 6000));
    expect(opened).toEqual([0]);
  });

  it('is not kept where it is long and nothing asks for it', async () => {
    const { source, opened } = unpacking(long);
    const kept = keptOf(source);
    await readFirst(kept);
    expect(kept.range('part', 0, 10)).toBeUndefined();
    expect((await all(kept.source, 5)).equals(long.subarray(5))).toBe(true);
    expect(opened).toEqual([0, 5]);
  });

  it('is kept whole where that is asked for soon', async () => {
    const { source, opened } = unpacking(long);
    const kept = keptOf(source);
    await readFirst(kept, 6 * MEBI + 3);
    expect((await all(kept.source)).equals(long)).toBe(true);
    expect(opened).toEqual([0]);
  });

  it('is kept from where that is asked for', async () => {
    const { source, opened } = unpacking(long);
    const kept = keptOf(source);
    const from = 34 * MEBI + 3;
    await readFirst(kept, from);
    expect(kept.range('part', from - 1, 10)).toBeUndefined();
    expect(await all(kept.range('part', from, 10) as ByteSource)).toEqual(long.subarray(from, from + 10));
    expect((await all(kept.source, from + 9)).equals(long.subarray(from + 9))).toBe(true);
    expect(opened).toEqual([0]);
    expect((await all(kept.source, from - 9)).equals(long.subarray(from - 9))).toBe(true);
    expect(opened).toEqual([0, from - 9]);
  });

  it('is unpacked again where it would take more than the limit of copyBytes', async () => {
    const { source, opened } = unpacking(short);
    const kept = keptOf(source, { copyBytes: 2 * MEBI });
    await readFirst(kept, 10);
    expect(kept.range('part', 0, 10)).toBeUndefined();
    expect((await all(kept.source)).equals(short)).toBe(true);
    expect(opened).toEqual([0, 0]);
  });

  it('is unpacked again where the first reading did not go to the end', async () => {
    const { source, opened } = unpacking(short);
    const kept = keptOf(source);
    for await (const piece of kept.reading.open(0, 'lent')) if (piece.length > 0) break;
    expect((await all(kept.source)).equals(short)).toBe(true);
    expect(opened).toEqual([0, 0]);
  });

  it('is unpacked again where no file can be made', async () => {
    const { source, opened } = unpacking(short);
    const kept = keptOf(source);
    vi.stubEnv('TMPDIR', '/there/is/no/such/folder');
    await readFirst(kept, 10);
    vi.unstubAllEnvs();
    expect(kept.range('part', 0, 10)).toBeUndefined();
    expect((await all(kept.source)).equals(short)).toBe(true);
    expect(opened).toEqual([0, 0]);
  });

  it('leaves no file behind', async () => {
    const kept = keptOf(unpacking(short).source);
    await readFirst(kept);
    const { path, handle } = await (helpers[0] as Helpers).scratchFile();
    await handle.close();
    const folder = path.slice(0, path.lastIndexOf('/'));
    expect(await readdir(folder)).toHaveLength(2);
    await kept.close();
    expect(await readdir(folder)).toHaveLength(1);
  });
});

describe('two archives that must be unpacked', () => {
  const file = (name: string, content: Buffer): Buffer =>
    Buffer.concat([header({ 0: name }, content.length), content, Buffer.alloc(-content.length & 511)]);
  const tar = (...members: Buffer[]): Buffer => Buffer.concat([...members, END]);
  const inner = (seed: string): Buffer => file('inner.tar', tar(file('same', short), file('text', noise(600, seed))));
  const many = Array.from({ length: 34 }, (_, at) => file(`equal-${at}`, noise(MEBI, `e${at}`)));

  /** How often each side was unpacked, and what came out. */
  async function explained(
    left: Buffer,
    right: Buffer,
  ): Promise<{ readonly opened: number; readonly paths: string[] }> {
    const [old, now] = [unpacking(left), unpacking(right)];
    const { children } = await explain({ ...old.source, name: 'x.tar' }, { ...now.source, name: 'x.tar' });
    expect(old.opened).toHaveLength(now.opened.length);
    return { opened: old.opened.length, paths: children.map(({ path }) => path) };
  }
  /** Once for the first bytes, once to list, and before where the first bytes are equal, up to the first that differs. */
  const LISTED = { otherBegin: 2, sameBegin: 3 };

  it('are unpacked once for all their members where the first differ', async () => {
    const sides = ['a', 'b'].map((seed) => tar(inner(seed), ...many, file('last', noise(70_000, seed))));
    const { opened, paths } = await explained(sides[0] as Buffer, sides[1] as Buffer);
    expect(paths).toEqual(['inner.tar', 'last']);
    expect(opened).toBe(LISTED.sameBegin);
  });

  it('are unpacked again for what differs first where that is far from the start, and not for the rest', async () => {
    const sides = ['a', 'b'].map((seed) => tar(...many, file('one', noise(999, seed)), inner(seed), inner(`${seed}2`)));
    const { opened, paths } = await explained(sides[0] as Buffer, sides[1] as Buffer);
    expect(paths.toSorted()).toEqual(['inner.tar', 'inner.tar', 'one']);
    expect(opened).toBe(LISTED.sameBegin + 1);
  });

  it('are unpacked once where names differ from the first on', async () => {
    const renamed = tar(...Array.from({ length: 34 }, (_, at) => file(`moved-${at}`, noise(MEBI, `e${at}`))));
    expect((await explained(tar(...many), renamed)).opened).toBe(LISTED.otherBegin);
  });

  it.each([
    ['inside contents, one sooner', 40 * 1024, 70 * 1024],
    ['inside the same piece', 70_000, 70_001],
    ['one inside a content, one in a header', 40 * 1024, 100_000 + 512 + 96 + 100],
  ])('say the same whichever side is which, where both are cut: %s', async (_where, one, other) => {
    const whole = tar(file('a', noise(100_000, 'a')), file('b', noise(100_000, 'b')));
    const cut = async (left: number, right: number) =>
      explain(
        ...([left, right].map((end) => ({ ...unpacking(whole.subarray(0, end)).source, name: 'x.tar' })) as [
          ByteSource,
          ByteSource,
        ]),
      );
    const found = await cut(one, other);
    expect(found.notes.join()).toMatch(/ARCHIVE_MALFORMED/);
    expect(await cut(other, one)).toEqual(mirror(found));
  });

  it('give each member its own digest, where they differ in the middle of a content', async () => {
    const changed = Buffer.from(many[3] as Buffer);
    changed[600_000] = (changed[600_000] as number) ^ 1;
    const [left, right] = [tar(...many), tar(...many.slice(0, 3), changed, ...many.slice(4))];
    const [old, now] = [unpacking(left), unpacking(right)];
    const { children } = await explain({ ...old.source, name: 'x.tar' }, { ...now.source, name: 'x.tar' });
    const digest = (bytes: Buffer): string =>
      createHash('sha256')
        .update(bytes.subarray(512, 512 + MEBI))
        .digest('hex');
    expect(children).toMatchObject([
      { path: 'equal-3', left: { sha256: digest(many[3] as Buffer) }, right: { sha256: digest(changed) } },
    ]);
  });
});
