import { describe, expect, it } from 'vitest';
import { listing, pairing } from '../../helpers/paired-listings.ts';

describe('members whose content and headers differ', () => {
  it('have the causes that their headers show, and none of what follows from the content', () => {
    const found = pairing(
      listing([['a', { content: 'x', header: { mode: '0644', mtime: '1', check: '5' } }]]),
      listing([['a', { content: 'y', header: { mode: '0755', mtime: '3', check: '6' } }]]),
    );
    expect(found.children[0]?.reasons).toEqual([
      { kind: 'mode', evidence: 'mode differs', left: '0644', right: '0755' },
      { kind: 'timestamp', evidence: 'mtime differs by 2 s', left: '1', right: '3' },
    ]);
    expect(found.children[0]?.fields?.map(({ name }) => name)).toEqual(['check', 'mode', 'mtime']);
  });

  it('have the times of their extra fields for times, after the one that all have, and a level for compression', () => {
    const extra = 'extra 0x5455 (times)';
    const found = pairing(
      listing([['a', { content: 'x', header: { [extra]: 'mtime 1', level: 'fast', mtime: '1' } }]]),
      listing([['a', { content: 'x', header: { [extra]: 'mtime 3', level: 'maximum', mtime: '3' } }]]),
    );
    const [first, second, third] = found.children[0]?.reasons ?? found.reasons ?? [];
    expect([first, second, third].map((reason) => reason?.kind)).toEqual(['timestamp', 'timestamp', 'compression']);
    expect(first?.evidence).toMatch(/^mtime /);
    expect(second?.evidence).toMatch(/^extra 0x5455 \(times\) /);
  });

  it('have no mode as a cause where they are of another type', () => {
    const found = pairing(
      listing([['a', { content: 'x', header: { type: 'file', mode: '0644' } }]]),
      listing([['a', { content: 'y', header: { type: 'symlink', mode: '0777' } }]]),
    );
    expect(found.children[0]?.reasons).toBeUndefined();
  });
});
