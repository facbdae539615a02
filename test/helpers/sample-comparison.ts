import { type Comparison, DEFAULT_COMPARE_LIMITS } from '../../compare/index.ts';
import type { Difference } from '../../model/index.ts';

const HOSTILE = '</script><img src=x onerror=alert(1)>"\'`|*_[x](y)&amp; \x1b[31m\u202e';

const node = (path: string, kind: string, more: Partial<Difference> = {}): Difference => ({
  path,
  kind,
  left: {},
  right: {},
  notes: [],
  children: [],
  truncated: false,
  ...more,
});

/** A tree with everything a node can hold, and names that want to be more than names. */
export const sampleTree: Difference = node('one.deb', 'deb', {
  left: { name: 'one.deb', size: 10, sha256: 'a'.repeat(64) },
  right: { name: 'two.deb', size: 12, sha256: 'b'.repeat(64) },
  reasons: [{ kind: 'order', evidence: 'members in another order' }],
  children: [
    node('control', 'text', {
      diff: '@@ -1,3 +1,3 @@\n Package: x\n-Version: 1.0-1\n+Version: 1.0-2\n  last\n',
      fields: [
        { name: 'mtime', left: '2026-01-01T00:00:00Z', right: '2026-01-02T00:00:00Z' },
        { name: 'mode', left: '0644' },
      ],
      reasons: [
        { kind: 'version-text', evidence: 'the version of the package', left: '1.0-1', right: '1.0-2' },
        { kind: 'timestamp', evidence: 'mtime differs by 86400 s' },
      ],
    }),
    node('blob', 'bytes', {
      detail: 'first difference at byte 2',
      left: { size: 4, text: '00000000: 0001 0203' },
      right: { size: 4, text: '00000000: 0009 0909' },
    }),
    node('blob', 'bytes', {
      diff: '@@ -1,1 +1,1 @@\n-00000000: 0001\n+00000000: 0009\n',
      notes: ['the same name again'],
    }),
    {
      path: HOSTILE,
      kind: 'deb-member',
      right: { size: 1, text: HOSTILE },
      detail: 'only on one side',
      notes: [HOSTILE, 'ARCHIVE_LIMIT: the limit of 1 member was reached'],
      children: [],
      truncated: true,
    },
  ],
});

/** What a comparison of such a tree says around it. */
export function comparisonOf(difference: Difference, more: Partial<Comparison> = {}): Comparison {
  return {
    format: 'reproof-comparison',
    version: 1,
    identical: false,
    left: { kind: 'bytes', name: 'one.deb', size: 10, sha256: 'a'.repeat(64), notes: [] },
    right: { kind: 'bytes', name: 'two.deb', size: 12, sha256: 'b'.repeat(64), notes: [HOSTILE] },
    difference,
    notes: ['left out: members named *.png'],
    programs: [{ program: 'xz', version: 'xz 5.4' }],
    truncated: true,
    counts: {
      nodes: 5,
      truncated: 1,
      kinds: { bytes: 2, deb: 1, 'deb-member': 1, text: 1 },
      reasons: { order: 1, timestamp: 1, 'version-text': 1 },
    },
    limits: DEFAULT_COMPARE_LIMITS,
    ...more,
  };
}
