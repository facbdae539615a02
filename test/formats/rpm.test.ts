import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { type RpmLimits, readRpm } from '../../formats/index.ts';
import { isReproofError } from '../../model/index.ts';
import { chunksOf } from '../helpers/chunks.ts';
import { rpmPackage } from '../helpers/rpm-package.ts';

const folder = mkdtempSync(join(tmpdir(), 'rpm-'));
afterAll(() => rmSync(folder, { recursive: true }));

const roomy: RpmLimits = { storeBytes: 100_000, values: 10_000 };
const bytes = rpmPackage({ text: 'x' });

describe('reading an RPM package', () => {
  it('gives what rpm says, in any chunks', async () => {
    const path = join(folder, 'x.rpm');
    writeFileSync(path, bytes);
    const rpm = (tag: string): string =>
      execFileSync('rpm', ['-qp', '--dbpath', folder, '--qf', `[%{${tag}}\\n]`, path], { encoding: 'utf8' }).trimEnd();
    const read = await readRpm(chunksOf(bytes, bytes.length), roomy);
    const tags = ['NAME', 'VERSION', 'BUILDTIME', 'BUILDHOST', 'FILEMTIMES', 'FILEDIGESTS', 'BASENAMES', 'DIRNAMES'];
    const more = ['REQUIRENAME', 'REQUIREFLAGS', 'CHANGELOGTEXT', 'PAYLOADCOMPRESSOR', 'PAYLOADDIGEST', 'FILEMODES'];
    for (const tag of [...tags, ...more]) expect(read.header.get(tag)?.join('\n'), tag).toBe(rpm(tag));
    expect(read.signature.get('SHA256HEADER')?.join('')).toBe(rpm('SHA256HEADER'));
    for (const chunk of [1, 7]) expect(await readRpm(chunksOf(bytes, chunk), roomy)).toEqual(read);
  });

  it('finds the payload where rpm2cpio does', async () => {
    const { payloadOffset, header } = await readRpm(chunksOf(bytes, 1000), roomy);
    const program = header.get('PAYLOADCOMPRESSOR')?.[0] ?? '';
    const input = bytes.subarray(payloadOffset);
    const unpacked = execFileSync(program, ['-dc'], { input });
    expect(unpacked.equals(execFileSync('rpm2cpio', [join(folder, 'x.rpm')]))).toBe(true);
  });

  it('refuses a package cut anywhere in its headers', async () => {
    const { payloadOffset } = await readRpm(chunksOf(bytes, 1000), roomy);
    for (let length = 0; length < payloadOffset; length += 3)
      await expect(readRpm(chunksOf(bytes.subarray(0, length), 5000), roomy)).rejects.toMatchObject({
        code: 'FORMAT_MALFORMED',
      });
  });

  it('ends when a limit is passed', async () => {
    for (const limit of ['storeBytes', 'values'] as const)
      await expect(readRpm(chunksOf(bytes, 1000), { ...roomy, [limit]: 10 })).rejects.toMatchObject({
        code: 'FORMAT_LIMIT',
        context: { limit },
      });
  });

  it('throws nothing but its own errors, whatever bytes are changed', async () => {
    const edit = fc.tuple(fc.nat(4000), fc.nat(255));
    await fc.assert(
      fc.asyncProperty(fc.array(edit, { minLength: 1, maxLength: 5 }), async (edits) => {
        const changed = Buffer.from(bytes);
        for (const [offset, value] of edits) changed[96 + offset] = value;
        const outcome = await readRpm(chunksOf(changed, 1000), roomy).catch((error: unknown) => error);
        expect(!(outcome instanceof Error) || isReproofError(outcome)).toBe(true);
      }),
    );
  });
});

describe('reading an RPM header whose tags all name one text', () => {
  it('ends at the limit', async () => {
    const number = (value: number): Buffer => Buffer.from([value >>> 24, value >>> 16, value >>> 8, value]);
    const header = (tags: number, store: string): Buffer =>
      Buffer.concat([
        Buffer.from('8eade80100000000', 'hex'),
        number(tags),
        number(store.length),
        ...Array.from({ length: tags }, (_, tag) => [number(tag), number(6), number(0), number(1)]).flat(),
        Buffer.from(store, 'latin1'),
      ]);
    const file = Buffer.concat([bytes.subarray(0, 96), header(0, ''), header(1000, `${'x'.repeat(1000)}\0`)]);
    await expect(readRpm(chunksOf(file, 1000), roomy)).rejects.toMatchObject({ code: 'FORMAT_LIMIT' });
  });
});
