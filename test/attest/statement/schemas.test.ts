import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  ATTESTATIONS_BASE,
  BUILDER_ID,
  COMPARISON_TYPE,
  comparisonSchema,
  comparisonStatements,
  DEBIAN_BUILD_TYPE,
  KEY_ROTATION_TYPE,
  keyRotationSchema,
  provenanceSchema,
  provenanceStatement,
} from '../../../attest/index.ts';
import { attestedRebuild } from '../../helpers/attested-rebuild.ts';

const root = join(import.meta.dirname, '../../..');
const SCHEMAS = [
  ['rebuild-comparison-v1', comparisonSchema],
  ['debian-rebuild-v1', provenanceSchema],
  ['key-rotation-v1', keyRotationSchema],
] as const;

function written(name: string): Record<string, unknown> {
  return JSON.parse(readFileSync(join(root, 'attest/statement/schemas', `${name}.json`), 'utf8')) as Record<
    string,
    unknown
  >;
}

describe('the schemas of our statements', () => {
  it.each(SCHEMAS)('%s says what the reader asks for', (name, schema) => {
    const address = `${ATTESTATIONS_BASE}/${name.replace(/-v(\d)$/, '/v$1')}/schema.json`;
    expect(written(name)).toEqual({ $id: address, ...z.toJSONSchema(schema, { reused: 'ref' }) });
  });

  it.each(['reproducible', 'unreproducible', 'failed-to-build', 'inconclusive'] as const)(
    'hold for what is %s, to another reader',
    (word) => {
      const ajv = new Ajv2020({ strict: false });
      const facts = attestedRebuild(word);
      const comparison = ajv.compile(written('rebuild-comparison-v1'));
      for (const statement of comparisonStatements(facts))
        expect(comparison(statement), ajv.errorsText(comparison.errors)).toBe(true);
      const provenance = provenanceStatement(facts);
      const check = ajv.compile(written('debian-rebuild-v1'));
      expect(provenance === undefined || check(provenance), ajv.errorsText(check.errors)).toBe(true);
    },
  );

  it('and every type of ours have a page', () => {
    for (const type of [COMPARISON_TYPE, DEBIAN_BUILD_TYPE, KEY_ROTATION_TYPE, BUILDER_ID.split('#')[0] ?? '']) {
      const name = type.slice(ATTESTATIONS_BASE.length + 1).replace('/', '-');
      const page = readFileSync(join(root, 'docs/attestations', `${name}.md`), 'utf8');
      expect(page).toContain(type);
      expect(page).toContain(`schemas/${name}.json`);
    }
  });
});
