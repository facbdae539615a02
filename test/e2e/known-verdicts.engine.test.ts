import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { RebuildRecord } from '../../model/index.ts';
import { isReproofError } from '../../model/index.ts';
import { labOptions, orderFor, quiet, withRebuilder } from '../helpers/engine-lab.ts';

type Known = {
  suite: string;
  source: string;
  version: string;
  verdict: string;
  reason: string;
  packages: readonly string[];
};

const known: readonly Known[] = readFileSync(join(import.meta.dirname, '..', 'fixtures', 'known-verdicts.tsv'), 'utf8')
  .trimEnd()
  .split('\n')
  .filter((line) => !line.startsWith('#'))
  .map((line) => {
    const [suite = '', source = '', version = '', verdict = '', reason = '', packages = ''] = line.split('\t');
    return { suite, source, version, verdict, reason, packages: packages.split(' ') };
  });

/** The record, or undefined when a later point release took that version's place in the archive. */
async function rebuild({ suite, source, version }: Known): Promise<RebuildRecord | undefined> {
  const order = orderFor({ kind: 'name', ecosystem: 'debian', name: source, version, suite });
  try {
    return await withRebuilder(labOptions(), (rebuilder) => rebuilder.rebuild(order, quiet));
  } catch (error) {
    if (!isReproofError(error, 'TARGET_UNKNOWN')) throw error;
    return undefined;
  }
}

describe('published packages get the verdicts they are known to have', () => {
  let found = 0;

  it.each(known)('$source $version of $suite: $verdict $reason', async (row) => {
    const record = await rebuild(row);
    if (record === undefined) return;
    found += 1;
    expect({ verdict: record.verdict.kind, reason: 'reason' in record.verdict ? record.verdict.reason : '' }).toEqual({
      verdict: row.verdict,
      reason: row.reason,
    });
    const judged = record.artifacts.filter((artifact) => artifact.kind !== 'extra');
    expect(judged.map((artifact) => artifact.name.split('_')[0])).toEqual(row.packages);
    if (row.verdict === 'reproducible')
      expect(judged.map((artifact) => artifact.kind)).toEqual(row.packages.map(() => 'identical'));
    else expect(record.differences.length).toBeGreaterThan(0);
  });

  it('were still published as they are known, most of them', () => {
    expect(found).toBeGreaterThan(known.length / 2);
  });
});
