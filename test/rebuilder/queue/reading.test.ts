import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fileStatus, readingOf } from '../../../rebuilder/queue/reading.ts';
import type { ReportedResult } from '../../../rebuilder/worker-protocol/index.ts';

const PAGE = readFileSync(join(import.meta.dirname, '../../../docs/service.md'), 'utf8');
const [, table = ''] = /<!-- status table[^\n]*-->\n((?:\|[^\n]*\n)+)/.exec(PAGE) ?? [];
const rows = table
  .trimEnd()
  .split('\n')
  .slice(2)
  .map(
    (line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()) as [string, string, string, string, string],
  );

describe('what a verdict says', () => {
  it('is read of a table with every verdict', () => {
    expect(new Set(rows.map(([verdict]) => verdict)).size).toBe(4);
  });

  it.each(rows)('%s (%s) is %s, decides: %s, as docs/service.md has it', (verdict, reason, status, decides, ofFile) => {
    const reported = { verdict: verdict as ReportedResult['verdict'], ...(reason === '' ? {} : { reason }) };
    const reading = readingOf(reported);
    expect(reading).toEqual({ status, decides: decides === 'yes' });
    if (ofFile !== 'none' && status !== 'GOOD') expect(fileStatus('missing', reading.status)).toBe(ofFile);
    expect(fileStatus('identical', reading.status)).toBe('GOOD');
  });

  it('is our failure for a reason that nobody knows', () => {
    expect(readingOf({ verdict: 'inconclusive', reason: 'phase of the moon' })).toEqual({
      status: 'FAIL',
      decides: false,
    });
  });
});
