import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countsOf } from '../../../compare/comparison.ts';
import { readComparison, report } from '../../../compare/index.ts';
import { isReproofError } from '../../../model/index.ts';
import { comparisonOf, sampleTree } from '../../helpers/sample-comparison.ts';

const comparison = comparisonOf(sampleTree, { counts: countsOf(sampleTree) });
const written = async (): Promise<string> => [...(await report(comparison, 'json'))].join('');

describe('reading a comparison from its JSON', () => {
  it('gives what was written, every text escaped', async () => {
    const read = readComparison(await written());
    expect(JSON.stringify(read)).not.toMatch(/\\u001b|\u202e/);
    const again = readComparison([...(await report(read, 'json'))].join(''));
    expect(again).toEqual(read);
    expect(read.counts).toEqual(comparison.counts);
    expect(read.difference?.children[0]).toEqual(sampleTree.children[0]);
  });

  it.each([
    ['', 'it is not JSON'],
    ['[]', 'the comparison'],
    ['{"format":"other"}', 'its format'],
    ['{"format":"reproof-comparison","version":2}', 'its version'],
  ])('refuses %j', (text, what) => {
    expect(() => readComparison(text)).toThrow(what);
  });

  it('refuses to call two inputs identical that have other digests or sizes', async () => {
    const { difference: _, ...rest } = JSON.parse(await written());
    const same = { ...rest, identical: true, right: { ...rest.left, notes: [] } };
    expect(readComparison(JSON.stringify(same)).identical).toBe(true);
    for (const other of [{ sha256: 'c'.repeat(64) }, { size: 99 }])
      expect(() => readComparison(JSON.stringify({ ...same, right: { ...same.right, ...other } }))).toThrow(
        'identical',
      );
  });

  it('refuses nodes without end', async () => {
    const open = '{"path":"a","kind":"b","notes":[],"truncated":false,"children":[';
    const deep = `${open.repeat(5000)}${']}'.repeat(5000)}`;
    const text = (await written()).replace(/"difference":.*,"format"/s, `"difference":${deep},"format"`);
    expect(() => readComparison(text)).toThrow(expect.objectContaining({ code: 'FORMAT_LIMIT' }));
  });

  it('throws nothing but its own errors, whatever is changed', async () => {
    const text = await written();
    fc.assert(
      fc.property(fc.nat(text.length - 1), fc.string({ minLength: 1, maxLength: 3 }), (at, put) => {
        try {
          readComparison(text.slice(0, at) + put + text.slice(at + put.length));
        } catch (error) {
          if (!isReproofError(error)) throw error;
        }
      }),
      { numRuns: 300 },
    );
  });
});
