import { gzipSync, zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TextReader } from '../../../../rebuilder/server/pieces/index.ts';
import { openPieceLab } from '../../../helpers/piece-lab.ts';

const WHOLE = { lines: 1000, bytes: 1e9, characters: 1e9 };

async function allLines(reader: TextReader, step = 7): Promise<readonly string[]> {
  const lines: string[] = [];
  for (let from: number | undefined = 1; from !== undefined; ) {
    const page = await reader.lines(from, { ...WHOLE, lines: step });
    expect(page.lines.map(({ line }) => line)).toEqual(page.lines.map((_, at) => lines.length + 1 + at));
    lines.push(...page.lines.map(({ text }) => text));
    from = page.next;
  }
  return lines;
}

async function openLog(content: string | Uint8Array): Promise<TextReader> {
  const { pieces, keep } = await openPieceLab();
  return pieces.text(await keep(content));
}

describe('a log in pieces', () => {
  it('is the whole log when its pages are joined, however it is packed', async () => {
    const { pieces, keep } = await openPieceLab();
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.string({ unit: fc.constantFrom('a', 'ß', '😀', ' ', '\\') }), { maxLength: 30 }),
        fc.boolean(),
        async (lines, ended) => {
          const log = `${lines.join('\n')}${ended ? '\n' : ''}`;
          const expected = log.endsWith('\n') ? log.slice(0, -1).split('\n') : log === '' ? [] : log.split('\n');
          for (const packed of [Buffer.from(log), gzipSync(log), zstdCompressSync(log)]) {
            const reader = await pieces.text(await keep(packed));
            expect(await allLines(reader)).toEqual(expected);
            expect(reader.outline).toMatchObject({ lines: expected.length, bytes: Buffer.byteLength(log) });
            await reader.close();
          }
        },
      ),
      { numRuns: 25 },
    );
  });

  it('begins at any line of a large log', async () => {
    const lines = Array.from({ length: 60_000 }, (_, at) => `line ${at + 1} ${'x'.repeat(at % 50)}`);
    const reader = await openLog(zstdCompressSync(`${lines.join('\n')}\n`));
    for (const from of [1, 2, 3000, 31_234, 59_999, 60_000]) {
      const page = await reader.lines(from, { ...WHOLE, lines: 2 });
      expect(page.lines.map(({ text }) => text)).toEqual(lines.slice(from - 1, from + 1));
      expect(page.next).toBe(from + 2 > 60_000 ? undefined : from + 2);
    }
    expect((await reader.lines(60_001, WHOLE)).lines).toEqual([]);
    await reader.close();
  });

  it('cuts lines of megabytes with their length told, and reads on behind them', async () => {
    const long = 'é'.repeat(5 * 1024 ** 2);
    const reader = await openLog(zstdCompressSync(`before\n${long}\nafter\n${long}`));
    const { lines } = await reader.lines(1, { lines: 10, bytes: 1e6, characters: 100 });
    expect(lines.map(({ line, text }) => [line, text])).toEqual([
      [1, 'before'],
      [2, 'é'.repeat(100)],
      [3, 'after'],
      [4, 'é'.repeat(100)],
    ]);
    for (const line of [lines[1], lines[3]]) expect(line?.cut).toBeGreaterThan(5 * 1024 ** 2 - 1000);
    expect((await reader.lines(3, { lines: 1, bytes: 1e6, characters: 100 })).lines[0]?.text).toBe('after');
    expect(reader.outline.lines).toBe(4);
    await reader.close();
  });

  it('ends a page early where lines are long', async () => {
    const reader = await openLog(Array.from({ length: 20 }, () => `${'x'.repeat(100)}\n`).join(''));
    const page = await reader.lines(1, { lines: 10, bytes: 250, characters: 1000 });
    expect([page.lines.length, page.next]).toEqual([3, 4]);
    await reader.close();
  });

  it('leaves colours out and shows what else moves a terminal', async () => {
    const reader = await openLog('\u001b[1;31mred\u001b[0m \u001b[2J\u202e\u0007 10%\r20%\r\n\uFFFD\n');
    expect(await allLines(reader)).toEqual([String.raw`red \x1b[2J\u{202e}\x07 10%\r20%`, '\uFFFD']);
    await reader.close();
  });

  it('finds words, whatever their capitals, and goes on where it stopped', async () => {
    const reader = await openLog(`${'one\nTwo error\n'.repeat(5)}ÄÖ${'x'.repeat(500)}needle${'x'.repeat(500)}\n`);
    const options = { from: 1, limit: 2, characters: 60 };
    const first = await reader.search('tWO', options);
    expect(first.matches).toEqual([2, 4].map((line) => ({ line, text: 'Two error' })));
    const rest = await reader.search('two', { ...options, limit: 9, from: first.next ?? 0 });
    expect([rest.matches.map(({ line }) => line), rest.next]).toEqual([[6, 8, 10], undefined]);
    expect((await reader.search('NEEDLE', options)).matches[0]?.text).toMatch(/^…x{40}needlex+$/);
    expect((await reader.search('äö', options)).matches).toHaveLength(1);
    expect(await reader.search('none', options)).toEqual({ matches: [] });
    await reader.close();
  });

  it('looks through a part of a large log at a time, and loses nothing between them', async () => {
    const reader = await openLog(
      `${Array.from({ length: 300_000 }, (_, at) => `line ${at} of a log that is long\n`).join('')}end\n`,
    );
    const found: number[] = [];
    let turns = 0;
    for (let from: number | undefined = 1; from !== undefined; turns++) {
      const page = await reader.search(' 99', { from, limit: 1000, characters: 60 });
      found.push(...page.matches.map(({ line }) => line));
      from = page.next;
    }
    const expected = Array.from({ length: 300_000 }, (_, at) => at).filter((at) => String(at).startsWith('99'));
    expect(found).toEqual(expected.map((at) => at + 1));
    expect(turns).toBeGreaterThan(1);
    expect((await reader.search('nowhere', { from: 1, limit: 10, characters: 60 })).next).toBeGreaterThan(100_000);
    await reader.close();
  });

  it('knows the steps of a build and the lines it failed of', async () => {
    const log = [
      '[    0.100] dpkg-buildpackage: info: source package hello',
      '[    0.200]  dpkg-source --before-build .',
      '[    0.300]  debian/rules binary',
      '[    0.400]    dh_auto_configure',
      '[    0.500] checking for gcc... gcc',
      '   dh_auto_build -- all',
      'main.c:3:1: error: expected ; before }',
      'make[1]: *** [Makefile:3: main.o] Error 1',
      '+------------+',
      '| Summary    |',
      '+------------+',
    ].join('\n');
    const { outline, close } = await openLog(log);
    expect(outline.sections).toEqual([
      { line: 2, title: 'dpkg-source --before-build .', kind: 'step' },
      { line: 3, title: 'debian/rules binary', kind: 'step' },
      { line: 4, title: 'dh_auto_configure', kind: 'command' },
      { line: 6, title: 'dh_auto_build -- all', kind: 'command' },
      { line: 10, title: 'Summary', kind: 'step' },
    ]);
    expect(outline.errors.map(({ line }) => line)).toEqual([7, 8]);
    await close();
  });

  it('keeps the first and the last of very many errors, and counts them all', async () => {
    const { outline, close } = await openLog('error: x\n'.repeat(50_000));
    expect(outline.errorCount).toBe(50_000);
    expect(outline.errors.map(({ line }) => line)).toEqual([
      ...Array.from({ length: 100 }, (_, at) => at + 1),
      ...Array.from({ length: 100 }, (_, at) => 49_901 + at),
    ]);
    await close();
  });

  it('refuses what does not unpack, what is too long, and what is not there', async () => {
    const { pieces, keep } = await openPieceLab({ textBytes: 100 });
    const damaged = zstdCompressSync('x'.repeat(50)).subarray(0, 12);
    await expect(pieces.text(await keep(damaged))).rejects.toMatchObject({ code: 'REQUEST_INVALID' });
    await expect(pieces.text(await keep('x'.repeat(101)))).rejects.toMatchObject({ code: 'FORMAT_LIMIT' });
    for (const none of [undefined, 'a'.repeat(64)])
      await expect(pieces.text(none)).rejects.toMatchObject({ code: 'RESOURCE_UNKNOWN' });
  });
});
