import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { letGo } from '../../compare/let-go.ts';

const { gc } = globalThis;
let collected: unknown[] = [];

beforeEach(() => {
  collected = [];
  const collect = (options: unknown): void => {
    collected.push(options);
  };
  globalThis.gc = collect as typeof globalThis.gc;
  // Takes note of what is in use by now.
  letGo();
  collected = [];
});

afterEach(() => {
  globalThis.gc = gc;
});

describe('letting go of what is no longer used', () => {
  it('collects nothing while little came to be', () => {
    letGo();
    expect(collected).toEqual([]);
  });

  it('collects once where much came to be', () => {
    const grown = Buffer.alloc(256 * 2 ** 20);
    letGo();
    letGo();
    expect(grown).toHaveLength(256 * 2 ** 20);
    expect(collected).toEqual([{ type: 'major', execution: 'sync', flavor: 'regular' }]);
  });

  it('does nothing where Node was started without a way to ask for it', () => {
    globalThis.gc = undefined;
    expect(letGo).not.toThrow();
  });
});
