import { describe, expect, test } from 'vitest';
import {
  artifactSbom,
  diffInventories,
  environmentSbom,
  inventoryOfArtifact,
  inventoryOfEnvironment,
  readSbom,
  SBOM_FORMATS,
} from '../../sbom/index.ts';
import { sampleArtifact, sampleEnvironment } from '../helpers/sample-sbom.ts';

const maker = { version: '0.1.0' };

describe.each(SBOM_FORMATS)('a document of %s', (format) => {
  test.each([
    ['an artifact', artifactSbom(sampleArtifact, format, maker), inventoryOfArtifact(sampleArtifact)],
    ['an environment', environmentSbom(sampleEnvironment, format, maker), inventoryOfEnvironment(sampleEnvironment)],
  ] as const)('of %s lists what it was made from', (_what, document, inventory) => {
    const read = readSbom(document);
    expect(read).toMatchObject({ kind: inventory.kind, name: inventory.name });
    const { changes, counts } = diffInventories(read, inventory);
    expect(changes).toEqual([]);
    expect(counts).toMatchObject({ added: 0, removed: 0, version: 0, bytes: 0, sameVersion: 0 });
    const symlinks = format === 'spdx-2.3' && inventory.kind === 'artifact' ? 1 : 0;
    expect(counts.same).toBe(inventory.items.length - symlinks);
  });
});
