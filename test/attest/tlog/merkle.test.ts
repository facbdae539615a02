import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  consistencyRanges,
  EMPTY_ROOT,
  inclusionRanges,
  joinSubtrees,
  type LeafRange,
  leafHash,
  subtreesOf,
  verifyConsistency,
  verifyInclusion,
} from '../../../attest/tlog/merkle.ts';
import { climb, type FindTile, rowsOf } from '../../../attest/tlog/tile-rows.ts';
import { joinHashes } from '../../../attest/tlog/tiles.ts';
import {
  numberedEntries,
  referenceConsistency,
  referenceIsConsistent,
  referencePath,
  referenceRoot,
} from '../../helpers/reference-tree.ts';

/** The leaves and roots that Certificate Transparency's implementations share as test data. */
const KNOWN_LEAVES = [
  '',
  '00',
  '10',
  '2021',
  '3031',
  '40414243',
  '5051525354555657',
  '606162636465666768696a6b6c6d6e6f',
];
const KNOWN_ROOTS = [
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];

const entries = numberedEntries(300);
const leaves = entries.map(leafHash);

function rangeHash({ start, end }: LeafRange): Uint8Array {
  return joinSubtrees(
    subtreesOf({ start, end }).map(({ level, index }) =>
      joinHashes(leaves.slice(index * 2 ** level, (index + 1) * 2 ** level)),
    ),
  );
}

/** A tile of two levels, as the specification defines it. */
function tileHashes(level: number, tile: number, size: number): readonly Uint8Array[] {
  const full = Array.from({ length: Math.floor(size / 256) }, (_, at) =>
    joinHashes(leaves.slice(at * 256, (at + 1) * 256)),
  );
  return (level === 0 ? leaves.slice(0, size) : full).slice(tile * 256, (tile + 1) * 256);
}

const rootAt = (size: number): Uint8Array => (size === 0 ? EMPTY_ROOT : rangeHash({ start: 0, end: size }));
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const sizes = fc.tuple(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 0, max: 300 })).map(([one, other]) => ({
  from: Math.min(one, other),
  to: Math.max(one, other),
}));

describe('the tree of a log', () => {
  it('has the roots that others give for known leaves', () => {
    const known = KNOWN_LEAVES.map((text) => Buffer.from(text, 'hex'));
    const roots = KNOWN_ROOTS.map((_, size) => {
      const hashes = known.slice(0, size).map(leafHash);
      return hex(
        joinSubtrees(
          subtreesOf({ start: 0, end: size }).map(({ level, index }) =>
            joinHashes(hashes.slice(index * 2 ** level, (index + 1) * 2 ** level)),
          ),
        ),
      );
    });
    expect(roots).toEqual(KNOWN_ROOTS);
  });

  it('proves that every leaf is in it, by the hashes that RFC 6962 defines', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 300 }), fc.nat(), (size, seed) => {
        const index = seed % size;
        const proof = inclusionRanges(index, size).map(rangeHash);
        expect(proof.map(hex)).toEqual(referencePath(index, entries.slice(0, size)).map(hex));
        const tiles: FindTile = (level, tile) => rowsOf(tileHashes(level, tile, size));
        expect(climb(index, size, { find: tiles, edges: new Map() }).map(hex)).toEqual(proof.map(hex));
        const root = referenceRoot(entries.slice(0, size));
        verifyInclusion({ index, size, leaf: leaves[index] as Uint8Array, proof, root });
      }),
      { numRuns: 60 },
    );
  });

  it('proves that it begins with every smaller one, by the hashes that RFC 6962 defines', () => {
    fc.assert(
      fc.property(sizes, ({ from, to }) => {
        const proof = consistencyRanges(from, to).map(rangeHash);
        expect(proof.map(hex)).toEqual(referenceConsistency(from, entries.slice(0, to)).map(hex));
        const [fromRoot, toRoot] = [rootAt(from), rootAt(to)];
        verifyConsistency({ from: { size: from, root: fromRoot }, to: { size: to, root: toRoot }, proof });
        if (from > 0 && from < to)
          expect(
            referenceIsConsistent({ first: from, firstRoot: fromRoot, second: to, secondRoot: toRoot }, proof),
          ).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  it('proves neither with a bit, a hash, an index or a size changed', () => {
    const refused = { code: 'LOG_PROOF_INVALID' };
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 300 }), fc.nat(), fc.nat(), (size, seed, bit) => {
        const index = seed % size;
        const proof = inclusionRanges(index, size).map(rangeHash);
        const right = { index, size, leaf: leaves[index] as Uint8Array, proof, root: rootAt(size) };
        const place = bit % proof.length;
        const bent = proof.map((each, at) => (at === place ? flipped(each, bit) : each));
        for (const wrong of [
          { ...right, proof: bent },
          { ...right, proof: proof.slice(1) },
          { ...right, proof: [...proof, rootAt(1)] },
          { ...right, root: flipped(right.root, bit) },
          { ...right, leaf: flipped(right.leaf, bit) },
          { ...right, index: (index + 1) % size },
          { ...right, index: size },
          { ...right, index: -1 },
          { ...right, index: 0.5 },
          { ...right, size: Number.NaN },
        ])
          expect(() => verifyInclusion(wrong)).toThrow(expect.objectContaining(refused));
        const from = 1 + (seed % (size - 1));
        const consistency = {
          from: { size: from, root: rootAt(from) },
          to: { size, root: rootAt(size) },
          proof: consistencyRanges(from, size).map(rangeHash),
        };
        for (const wrong of [
          { ...consistency, from: { size: from, root: flipped(rootAt(from), bit) } },
          { ...consistency, to: { size, root: flipped(rootAt(size), bit) } },
          { ...consistency, proof: consistency.proof.slice(1) },
          { ...consistency, proof: consistency.proof.map((each, at) => (at === 0 ? flipped(each, bit) : each)) },
          { ...consistency, from: consistency.to, to: consistency.from },
          { ...consistency, to: { size, root: rootAt(size) }, from: { size, root: rootAt(from) }, proof: [] },
        ])
          expect(() => verifyConsistency(wrong)).toThrow(expect.objectContaining(refused));
      }),
      { numRuns: 60 },
    );
  });

  it('is split right where sizes are past what bit operations reach', () => {
    for (const size of [2 ** 31, 2 ** 32 + 1, 2 ** 49 + 1, 2 ** 53 - 1]) {
      expect(inclusionRanges(size - 1, size).at(-1)?.start).toBe(0);
      const whole = subtreesOf({ start: 0, end: size });
      expect(whole.reduce((sum, { level }) => sum + 2 ** level, 0)).toBe(size);
    }
  });
});

function flipped(bytes: Uint8Array, bit: number): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy[bit % copy.length]! ^= 1 << (bit % 8);
  return copy;
}
