import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { bufferSource, explain } from '../../../compare/index.ts';
import type { Difference } from '../../../model/index.ts';
import { mirror } from '../../helpers/mirror.ts';

const words = Array.from({ length: 20_000 }, (_, index) => `${(index * 7919) % 5000}`).join(' ');
const by = (...options: string[]): Buffer => execFileSync('xz', ['-c', ...options], { input: words });
const compare = (left: Uint8Array, right: Uint8Array): Promise<Difference> =>
  explain(bufferSource('x.xz', left), bufferSource('x.xz', right));

describe('explaining how two xz files were packed', () => {
  it.each([
    [['-6', '-T2'], ['-9', '-T1'], 'xz -6 -T2', 'xz -9 -T1'],
    [['-3', '-T1', '--check=crc32'], ['-0', '-T1'], 'xz -3 -T1 --check=crc32', 'xz -0 -T1'],
    [['-6', '-T2'], ['-6', '-T1'], 'xz -6 -T2', 'xz -6 -T1'],
  ])('names what xz was told: %s and %s', async (old, now, left, right) => {
    const [one, other] = [by(...old), by(...now)];
    const found = await compare(one, other);
    expect(found.fields).toContainEqual({ name: 'made by', left, right });
    expect(await compare(other, one)).toEqual(mirror(found));
  });

  it('tries nothing that the headers rule out', async () => {
    const found = await compare(by('--lzma2=dict=3MiB'), by('--x86', '--lzma2'));
    expect(JSON.stringify(found)).not.toContain('made by');
  });
});
