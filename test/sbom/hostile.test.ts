import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson, isReproofError } from '../../model/index.ts';
import { artifactSbom, environmentSbom, readSbom, SBOM_FORMATS } from '../../sbom/index.ts';
import { fitsPurl } from '../../sbom/purl.ts';
import { sampleArtifact, sampleEnvironment } from '../helpers/sample-sbom.ts';

type Plain = null | boolean | number | string | Plain[] | { [key: string]: Plain };
const maker = { version: '0.1.0' };
const documents = SBOM_FORMATS.flatMap((format) => [
  artifactSbom(sampleArtifact, format, maker),
  environmentSbom(sampleEnvironment, format, maker),
]).map((document) => JSON.parse(canonicalJson(document)) as Plain);

/** Every place in a document that holds a value. */
function places(value: Plain, path: readonly (string | number)[] = []): readonly (readonly (string | number)[])[] {
  if (typeof value !== 'object' || value === null) return [path];
  const inside = Array.isArray(value) ? value.entries() : Object.entries(value);
  return [path, ...[...inside].flatMap(([key, member]) => places(member, [...path, key]))];
}

function changed(document: Plain, path: readonly (string | number)[], to: Plain): Plain {
  const copy = structuredClone(document);
  let at: { [key: string]: Plain } = copy as { [key: string]: Plain };
  for (const key of path.slice(0, -1)) at = at[key] as { [key: string]: Plain };
  at[path.at(-1) as string] = to;
  return copy;
}

const malformed = expect.objectContaining({ code: 'FORMAT_MALFORMED' });

describe('reading an SBOM', () => {
  it.each([null, true, 1, 'text', [], {}, { bomFormat: 'CycloneDX' }, { spdxVersion: 'SPDX-2.3' }, { bomFormat: 1 }])(
    'refuses %j',
    (value) => {
      expect(() => readSbom(value)).toThrow(malformed);
    },
  );

  it('of another tool is refused by what it lacks, not misread', () => {
    const foreign = {
      bomFormat: 'CycloneDX',
      specVersion: '1.6',
      version: 1,
      components: [{ type: 'library', name: 'x', version: '1' }],
    };
    expect(() => readSbom(foreign)).toThrow(/^reading a CycloneDX SBOM as reproof writes it: at /);
  });

  it('refuses an unknown member at the places that it reads', () => {
    for (const document of documents) expect(() => readSbom({ ...(document as object), more: 1 })).toThrow(malformed);
  });

  it('throws its own error or reads, whatever one value is changed to', () => {
    const change = fc.integer({ min: 0, max: documents.length - 1 }).chain((index) =>
      fc.record({
        index: fc.constant(index),
        path: fc.constantFrom(...places(documents[index] as Plain).filter((path) => path.length > 0)),
        to: fc.constantFrom<Plain>(null, 0, '', 'pkg:deb/debian/x@1', '\u202e\x1b[2J', [], {}, [[]], { a: 1 }),
      }),
    );
    let refused = 0;
    fc.assert(
      fc.property(change, ({ index, path, to }) => {
        try {
          readSbom(changed(documents[index] as Plain, path, to));
        } catch (error) {
          refused++;
          if (!isReproofError(error, 'FORMAT_MALFORMED')) throw error;
        }
      }),
      { numRuns: 600 },
    );
    expect(refused).toBeGreaterThan(300);
  });

  it('refuses a package without a name, of which there is no purl', () => {
    expect(() => fitsPurl('pkg:deb/debian/x@1', { name: '', version: '1' })).toThrow(
      expect.objectContaining({ code: 'FORMAT_MALFORMED' }),
    );
  });

  it('refuses a purl that is not that of the package it stands with', () => {
    const [cycloneDx] = documents as [Plain];
    const other = canonicalJson(cycloneDx).replaceAll('pkg:deb/debian/small@', 'pkg:deb/debian/other@');
    expect(() => readSbom(JSON.parse(other))).toThrow(/purl/);
  });
});
