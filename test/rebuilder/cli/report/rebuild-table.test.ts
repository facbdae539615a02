import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { rebuildTable } from '../../../../rebuilder/cli/report/rebuild-table.ts';
import type { RebuildSummary } from '../../../../rebuilder/store/index.ts';
import { sampleRequest } from '../../../helpers/sample-record.ts';

const golden = '../../../golden/rebuild-table';
const begun = { id: '0123456789ab', createdAt: '2026-01-12T13:14:15.016Z', request: sampleRequest };
const known = { source: 'less', version: '668-1', suite: 'trixie', architecture: 'amd64' };

const summaries: readonly RebuildSummary[] = [
  { ...begun, state: 'unfinished' },
  { ...begun, state: 'unfinished', lastStage: 'environment', ...known },
  { ...begun, state: 'recorded', lastStage: 'verdict', ...known, verdict: 'reproducible' },
  { ...begun, state: 'recorded', ...known, verdict: 'inconclusive', reason: 'environment drift' },
  { ...begun, state: 'recorded', ...known, source: 'golang-github-a-very-long-name', verdict: 'failed-to-build' },
  {
    ...begun,
    state: 'recorded',
    ...known,
    source: '\u001b[2Jless\n',
    verdict: 'unreproducible',
    reason: 'nondeterministic',
  },
];

describe('the table of rebuilds', () => {
  it('reads as expected', async () => {
    await expect(rebuildTable(summaries, { width: 160, colour: false })).toMatchFileSnapshot(`${golden}/wide.txt`);
  });

  it('cuts what was rebuilt, and only that, to keep within the width', async () => {
    const table = rebuildTable(summaries, { width: 90, colour: false });
    expect(Math.max(...table.split('\n').map((line) => line.length))).toBeLessThanOrEqual(90);
    await expect(table).toMatchFileSnapshot(`${golden}/narrow.txt`);
  });

  it('is the same text in colour', () => {
    const coloured = rebuildTable(summaries, { width: 90, colour: true });
    expect(coloured).toContain('\u001b[32mreproducible\u001b[39m');
    expect(stripVTControlCharacters(coloured)).toBe(rebuildTable(summaries, { width: 90, colour: false }));
  });

  it('says so when there is nothing', () => {
    expect(rebuildTable([], { width: 80, colour: true })).toBe('No rebuilds.\n');
  });
});
