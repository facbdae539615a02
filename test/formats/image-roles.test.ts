import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { imageRoles } from '../../formats/index.ts';

const digest = (digit: string): string => `sha256:${digit.repeat(64)}`;
const path = (digit: string): string => `blobs/sha256/${digit.repeat(64)}`;
const files = (content: Record<string, unknown>): ReadonlyMap<string, Buffer> =>
  new Map(Object.entries(content).map(([name, value]) => [name, Buffer.from(JSON.stringify(value))]));

describe('naming what the blobs of an image are', () => {
  it('follows an index in an index, and gives a blob its first role', () => {
    const roles = imageRoles(
      files({
        'index.json': { manifests: [{ digest: digest('a') }] },
        [path('a')]: { manifests: [{ digest: digest('b') }, { digest: digest('c') }] },
        [path('b')]: { config: { digest: digest('d') }, layers: [{ digest: digest('e') }, { digest: digest('e') }] },
        [path('c')]: { config: { digest: digest('d') } },
      }),
    );
    expect(Object.fromEntries(roles)).toEqual({
      [path('a')]: 'index 1',
      [path('b')]: 'index 1, manifest 1',
      [path('c')]: 'index 1, manifest 2',
      [path('d')]: 'index 1, manifest 1: config',
      [path('e')]: 'index 1, manifest 1: layer 1',
    });
  });

  it('ends where indices name each other', () => {
    const roles = imageRoles(
      files({
        'index.json': { manifests: [{ digest: digest('a') }] },
        [path('a')]: { manifests: [{ digest: digest('a') }] },
      }),
    );
    expect([...roles.values()]).toEqual(['index 1']);
  });

  it('throws nothing, whatever the files hold', () => {
    const name = fc.constantFrom('index.json', 'manifest.json', path('a'));
    fc.assert(
      fc.property(fc.array(fc.tuple(name, fc.json())), (entries) => {
        const content = new Map(entries.map(([key, text]) => [key, Buffer.from(text)]));
        expect(imageRoles(content).size).toBeLessThanOrEqual(100_000);
      }),
    );
  });
});
