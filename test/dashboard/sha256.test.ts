import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { sha256Stream } from '../../dashboard/islands/sha256.ts';

const ofNode = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

it("gives what node:crypto gives, at every length around a block's end", () => {
  for (let length = 0; length <= 200; length++) {
    const bytes = Buffer.alloc(length, length);
    const stream = sha256Stream();
    stream.update(bytes);
    expect(stream.digest()).toBe(ofNode(bytes));
  }
});

it('gives the same however the bytes are cut', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 8 }), (pieces) => {
      const stream = sha256Stream();
      for (const piece of pieces) stream.update(piece);
      expect(stream.digest()).toBe(ofNode(Buffer.concat(pieces)));
    }),
  );
});
