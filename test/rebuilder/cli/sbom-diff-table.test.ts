import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { sbomDiffText } from '../../../rebuilder/cli/sbom/diff-table.ts';
import type { SbomDiff } from '../../../sbom/index.ts';

const side = { kind: 'environment', name: 'less 668-1 amd64' } as const;

it('the table in docs/sbom.md is the one that is printed', () => {
  const changed = (name: string, left: string, right: string) => ({
    kind: 'version' as const,
    what: 'package' as const,
    name,
    left: { version: left },
    right: { version: right, architecture: 'amd64', sha256: 'a'.repeat(64) },
  });
  const diff: SbomDiff = {
    schema: 'reproof-sbom-diff/1',
    left: side,
    right: side,
    changes: [changed('binutils', '2.43.50.20250108', '2.44-3'), changed('gcc-14', '14.2.0-12', '14.2.0-19')],
    counts: { added: 0, removed: 0, version: 2, bytes: 0, same: 0, sameVersion: 168 },
  };
  const docs = readFileSync(join(import.meta.dirname, '../../../docs/sbom.md'), 'utf8');
  expect(docs).toContain(sbomDiffText(diff));
});
