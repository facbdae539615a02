import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { isDateTime } from '../../attest/date-time.ts';
import {
  comparisonSchema,
  comparisonStatements,
  keyRotationSchema,
  keyRotationStatement,
  provenanceSchema,
  provenanceStatement,
} from '../../attest/index.ts';
import { faultIn, type JsonSchema, strict } from '../../attest/json-schema.ts';
import { readPublicKeyText } from '../../attest/public-key.ts';
import { attestedRebuild } from '../helpers/attested-rebuild.ts';

const key = readPublicKeyText(
  '-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n-----END PUBLIC KEY-----\n',
);
const validFrom = '2026-01-02T03:04:05.000Z';
const rotation = keyRotationStatement(key, { ...key, use: 'log', validFrom });

/** Each published schema, where it comes from, and statements it holds for. */
const PUBLISHED = [
  [
    'rebuild-comparison-v1',
    comparisonSchema,
    (['reproducible', 'unreproducible', 'inconclusive'] as const).flatMap((word) =>
      comparisonStatements(attestedRebuild(word)).slice(0, 1),
    ),
  ],
  ['debian-rebuild-v1', provenanceSchema, [provenanceStatement(attestedRebuild('reproducible'))]],
  ['key-rotation-v1', keyRotationSchema, [rotation]],
] as const;

function written(name: string): JsonSchema {
  return JSON.parse(readFileSync(join(import.meta.dirname, '../../attest/statement/schemas', `${name}.json`), 'utf8'));
}

const OTHERS = [null, '', 'x', 'x'.repeat(2_001), 'a/b', '\u0000', 0, -1, 1.5, 2 ** 53, true, [], ['x'], {}, { x: 1 }];

/** Values with one thing changed, at every place: replaced, left out, doubled, or with something more. */
function* changesOf(value: unknown): Iterable<unknown> {
  yield* OTHERS;
  if (typeof value === 'string') yield* [`${value} `, `\n${value}`, value.toUpperCase(), value.slice(1)];
  if (Array.isArray(value)) {
    yield [...value, ...value];
    yield value.slice(1);
    for (const [index, item] of value.slice(0, 3).entries())
      for (const changed of changesOf(item)) yield value.with(index, changed);
  } else if (typeof value === 'object' && value !== null) {
    yield { ...value, more: 'x' };
    for (const [name, item] of Object.entries(value)) {
      yield Object.fromEntries(Object.entries(value).filter(([other]) => other !== name));
      for (const changed of changesOf(item)) yield { ...value, [name]: changed };
    }
  }
}

describe('the reader of schemas', () => {
  it.each(PUBLISHED)('takes and refuses by %s what zod and ajv do, whatever is changed', (name, schema, statements) => {
    const own = written(name);
    const other = new Ajv2020({ strict: false }).compile(own);
    let changes = 0;
    for (const statement of statements) {
      const valid: unknown = JSON.parse(JSON.stringify(statement));
      expect(faultIn(valid, own)).toBeUndefined();
      for (const changed of changesOf(valid)) {
        changes += 1;
        const isTaken = faultIn(changed, own) === undefined;
        if (isTaken !== schema.safeParse(changed).success || isTaken !== other(changed))
          expect.fail(`${isTaken ? 'taken' : 'refused'} by one alone: ${JSON.stringify(changed)}`);
      }
    }
    expect(changes).toBeGreaterThan(200);
  });

  it('knows every word of the published schemas', () => {
    const known =
      /^(?:\$id|\$schema|\$defs|\$ref|type|const|enum|anyOf|oneOf|properties|required|additionalProperties|propertyNames|items|(?:min|max)(?:Items|Length)|pattern|minimum|maximum)$/;
    const unknown = (schema: unknown): readonly string[] =>
      Object.entries(schema as object).flatMap(([word, value]) => {
        if (!known.test(word)) return [word];
        if (['properties', '$defs'].includes(word)) return Object.values(value as object).flatMap(unknown);
        if (['anyOf', 'oneOf'].includes(word)) return (value as readonly unknown[]).flatMap(unknown);
        return typeof value === 'object' && !Array.isArray(value) ? unknown(value) : [];
      });
    expect(PUBLISHED.flatMap(([name]) => unknown(written(name)))).toEqual([]);
  });

  it('says where something is wrong and why, and repeats nothing of it', () => {
    const schema = strict({ list: { type: 'array', items: strict({ text: { type: 'string', maxLength: 3 } }) } });
    expect(faultIn({ list: [{ text: 'abc' }, { text: 'secret' }] }, schema)).toBe('list.1.text: it is too long');
    expect(faultIn({ list: [{}] }, schema)).toBe('list.0.text: it is missing');
    expect(faultIn({ list: [], secret: 1 }, schema)).toBe('the whole: it has a member that is not known');
    expect(faultIn([], schema)).toBe('the whole: it is no object');
  });
});

describe('times of RFC 3339', () => {
  it('are those that zod takes', () => {
    const judge = z.iso.datetime({ offset: true });
    const two = fc.integer({ min: 0, max: 99 }).map((number) => String(number).padStart(2, '0'));
    const near = fc.oneof(fc.constantFrom('00', '01', '02', '12', '13', '23', '24', '28', '29', '30', '31', '59'), two);
    const year = fc.constantFrom('0000', '1900', '2000', '2023', '2024', '9999', '20240');
    const ending = fc.constantFrom('Z', '+00:00', '-23:59', '+24:00', '+1:00', '', 'z', '.5Z', '.Z', ' Z');
    fc.assert(
      fc.property(year, near, near, near, near, near, ending, (y, m, d, h, min, s, end) => {
        for (const text of [`${y}-${m}-${d}T${h}:${min}:${s}${end}`, `${y}-${m}-${d}T${h}:${min}${end}`])
          expect([text, isDateTime(text)]).toEqual([text, judge.safeParse(text).success]);
      }),
      { numRuns: 3_000 },
    );
  });
});
