import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CpioLimits, readCpio } from '../../formats/index.ts';
import { isReproofError } from '../../model/index.ts';
import { chunksOf } from '../helpers/chunks.ts';

const folder = mkdtempSync(join(tmpdir(), 'cpio-'));
afterAll(() => rmSync(folder, { recursive: true }));

const roomy: CpioLimits = { members: 100, nameBytes: 1000 };
const names = ['a', 'longer-name', 'empty'];
beforeAll(() => {
  writeFileSync(join(folder, 'a'), 'one');
  writeFileSync(join(folder, 'longer-name'), 'three');
  writeFileSync(join(folder, 'empty'), '');
});
const made = (format: string): Buffer =>
  execFileSync('cpio', ['-o', '--quiet', '-H', format], { cwd: folder, input: `${names.join('\n')}\n` });

/** Every piece as text; `skip` leaves contents unread. */
async function list(bytes: Uint8Array, chunk = bytes.length, limits = roomy, skip = false): Promise<string[]> {
  const seen: string[] = [];
  const text = async (content: AsyncIterable<Uint8Array> | undefined): Promise<string> => {
    const pieces: Uint8Array[] = [];
    if (content !== undefined && !skip) for await (const piece of content) pieces.push(piece);
    return Buffer.concat(pieces).toString('latin1');
  };
  for await (const piece of readCpio(chunksOf(bytes, chunk), limits)) {
    if (piece.kind === 'entry')
      seen.push(`${piece.name} ${piece.fields.mtime} ${piece.fields.size} ${await text(piece.content)}`);
    else if (piece.kind === 'end') seen.push(`end ${piece.zeros} ${await text(piece.content)}`);
    else seen.push(piece.kind);
  }
  return seen;
}

describe('reading a cpio archive', () => {
  it.each(['newc', 'crc', 'odc', 'bin'])('gives of %s what cpio lists, in any chunks', async (format) => {
    const bytes = Buffer.concat([made(format), Buffer.from('more')]);
    const seen = await list(bytes);
    const judged = execFileSync('cpio', ['-t', '--quiet'], { input: bytes, encoding: 'utf8' }).trimEnd().split('\n');
    expect(seen.slice(0, -2).map((line) => line.split(' ')[0])).toEqual(judged);
    expect(seen.map((line) => line.replace(/ [0-9]{9,} /, ' '))).toEqual([
      'a 3 one',
      'longer-name 5 three',
      'empty 0 ',
      'trailer',
      expect.stringMatching(/^end [0-9]+ more$/),
    ]);
    for (const chunk of [1, 7]) expect(await list(bytes, chunk)).toEqual(seen);
    expect((await list(bytes, 7, roomy, true)).length).toBe(seen.length);
  });

  it.each(['newc', 'odc', 'bin'])('refuses an archive of %s cut anywhere but between entries', async (format) => {
    const bytes = made(format);
    let whole = 0;
    const end = bytes.indexOf('TRAILER!!!') + 11;
    for (let length = 0; length < end; length++) {
      const outcome = await list(bytes.subarray(0, length)).catch((error: unknown) => error);
      if (Array.isArray(outcome)) whole++;
      else expect(outcome, `cut at ${length}`).toMatchObject({ code: 'ARCHIVE_MALFORMED' });
    }
    expect(whole).toBe(names.length);
  });

  it.each<[keyof CpioLimits, number]>([
    ['members', 3],
    ['nameBytes', 'longer-name'.length + 1],
  ])('ends when %s passes its limit by one, and not before', async (limit, value) => {
    const bytes = made('newc');
    expect((await list(bytes, 100, { ...roomy, [limit]: value })).length).toBe(5);
    await expect(list(bytes, 100, { ...roomy, [limit]: value - 1 })).rejects.toMatchObject({
      code: 'ARCHIVE_LIMIT',
      context: { limit, value: value - 1 },
    });
  });

  it('throws nothing but its own errors, whatever bytes are changed', async () => {
    const archives = ['newc', 'odc', 'bin'].map(made);
    const changes = fc.array(fc.tuple(fc.nat(400), fc.nat(255)), { maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(fc.nat(2), changes, async (which, edits) => {
        const bytes = Buffer.from(archives[which] as Buffer);
        for (const [offset, value] of edits) bytes[offset] = value;
        const outcome = await list(bytes).catch((error: unknown) => error);
        expect(Array.isArray(outcome) || isReproofError(outcome)).toBe(true);
      }),
    );
  });
});
