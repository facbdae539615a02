import { execFileSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  bundleOf,
  type ComparisonPredicate,
  comparisonStatements,
  PAYLOAD_TYPE,
  provenanceStatement,
  readAnyStatement,
  readComparison,
  readKeyRotation,
  readProvenance,
  type Statement,
  sbomStatement,
  signEnvelope,
  statementBytes,
} from '../../../attest/index.ts';
import { isReproofError, type RebuildPlan, type RebuildRecord, type Verdict } from '../../../model/index.ts';
import { attestedRebuild } from '../../helpers/attested-rebuild.ts';
import { verifyBySigstore } from '../../helpers/sigstore.ts';
import { sampleSigner } from '../../helpers/statement-keys.ts';

const WORDS = [
  'reproducible',
  'unreproducible',
  'failed-to-build',
  'inconclusive',
] as const satisfies readonly Verdict['kind'][];
const golden = '../../golden/statement';
const ANOTHER_DAY = join(import.meta.dirname, '../../helpers/another-day.mjs');

function readable(statement: Statement): string {
  return `${JSON.stringify(JSON.parse(Buffer.from(statementBytes(statement)).toString()), undefined, 2)}\n`;
}

function statementsOf(word: Verdict['kind']): readonly Statement[] {
  const facts = attestedRebuild(word);
  const provenance = provenanceStatement(facts);
  return [...comparisonStatements(facts), ...(provenance === undefined ? [] : [provenance])];
}

describe('the statements of a rebuild', () => {
  it.each(WORDS)('that is %s read as expected', async (word) => {
    for (const statement of statementsOf(word)) {
      const name =
        'artifact' in (statement.predicate as object) ? statement.subject[0]?.name.split('_')[0] : 'provenance';
      await expect(readable(statement)).toMatchFileSnapshot(`${golden}/${word}-${name}.json`);
    }
  });

  it.each(WORDS)('that is %s are signed, and read back from what is signed', async (word) => {
    const signer = sampleSigner();
    for (const statement of statementsOf(word)) {
      const bytes = statementBytes(statement);
      verifyBySigstore(bundleOf(await signEnvelope(PAYLOAD_TYPE, bytes, signer), signer), signer);
      const read = 'artifact' in (statement.predicate as object) ? readComparison(bytes) : readProvenance(bytes);
      expect(read).toEqual(JSON.parse(Buffer.from(bytes).toString()));
      expect(readAnyStatement(bytes).subject).toEqual(statement.subject);
    }
  });

  it('say of each published file the verdict as recorded, and of each file its own', () => {
    const [doc, less] = comparisonStatements(attestedRebuild('unreproducible'));
    const { record, plan } = attestedRebuild('unreproducible');
    expect([doc, less].map((one) => one?.subject[0]?.digest.sha256)).toEqual(plan.expected.map(({ sha256 }) => sha256));
    for (const one of [doc, less]) expect(one?.predicate.verdict).toEqual(record.verdict);
    expect([doc?.predicate.artifact.verdict, less?.predicate.artifact.verdict]).toEqual(['differs', 'identical']);
    expect(doc?.predicate.reasons).toEqual(['order', 'timestamp']);
    expect(less?.predicate.causes).toEqual([]);
  });

  it('name every package of the environment by purl and digest, and every source file', () => {
    const { plan, record } = attestedRebuild();
    const told = provenanceStatement({ plan, record })?.predicate.buildDefinition.resolvedDependencies ?? [];
    for (const { sha256 } of [
      ...plan.lock.layers.flatMap(({ packages }) => packages),
      plan.source.dsc,
      ...plan.source.files,
    ])
      expect(told.some(({ uri, digest }) => digest?.sha256 === sha256 && uri?.startsWith('pkg:deb/debian/'))).toBe(
        true,
      );
    expect(told.map(({ uri }) => uri)).toContain('pkg:deb/debian/libncurses-dev@6.5%2B20250216-2?arch=amd64');
    expect(told.map(({ uri }) => uri)).toContain('pkg:deb/debian/g%2B%2B-14@14.2.0-19?arch=amd64&distro=trixie');
  });

  it('are about the files that were asked for, where some were', () => {
    const { plan, record } = attestedRebuild('failed-to-build');
    const only = { plan, record: { ...record, only: ['less'] } };
    expect(comparisonStatements(only).map(({ subject }) => subject[0]?.name)).toEqual(['less_668-1_amd64.deb']);
  });

  it('are none where no published file is known by its digest', () => {
    const { record } = attestedRebuild('inconclusive');
    const { planDigest: _, environment: __, ...unplanned } = record;
    expect(comparisonStatements({ record: unplanned })).toEqual([]);
    expect(provenanceStatement({ record: unplanned })).toBeUndefined();
  });

  it('are not made with another plan than the record names', () => {
    const { plan, record } = attestedRebuild();
    const other: RebuildPlan = { ...plan, notes: ['another'] };
    expect(() => comparisonStatements({ record, plan: other })).toThrow('its plan is not the one');
    expect(() => provenanceStatement({ record, plan: other })).toThrow('its plan is not the one');
  });

  it('of an environment that was not to be had are about what was looked up', () => {
    const { plan, record } = attestedRebuild('inconclusive');
    const { planDigest: _, environment: __, ...rest } = record;
    const verdict = {
      kind: 'inconclusive',
      reason: 'environment unavailable',
      detail: 'could not be had: x=1',
    } as const;
    const unplanned: RebuildRecord = { ...rest, attempts: [], verdict };
    const published = {
      ...{ target: plan.target, basis: plan.basis, source: plan.source, artifacts: plan.expected, runs: plan.runs },
      ...{ sourceDateEpoch: 0, indices: [], verified: [], notes: [] },
    };
    const [doc] = comparisonStatements({ record: unplanned, published });
    expect(doc?.predicate.artifact).toEqual({ verdict: 'not-compared', size: 5000 });
    expect(readComparison(statementBytes(doc as Statement)).predicate.verdict).toEqual(verdict);
  });

  it('hold SBOMs of both kinds', () => {
    const files = [{ name: 'less_668-1_amd64.deb', sha256: '4'.repeat(64) }];
    const types = (['cyclonedx', 'spdx'] as const).map(
      (kind) => sbomStatement(files, { kind, document: { a: 1 } }).predicateType,
    );
    expect(types).toEqual(['https://cyclonedx.org/bom', 'https://spdx.dev/Document']);
  });

  it('are the same bytes in another time zone and locale, on another day, however their input is ordered', () => {
    const script = `
      import { comparisonStatements, provenanceStatement, statementBytes } from ${JSON.stringify(resolve('attest/index.ts'))};
      const turned = (value) => Array.isArray(value) ? value.map(turned) : value && typeof value === 'object'
        ? Object.fromEntries(Object.entries(value).reverse().map(([key, inner]) => [key, turned(inner)])) : value;
      for (const facts of turned(JSON.parse(process.argv[1])))
        for (const one of [...comparisonStatements(facts), provenanceStatement(facts)].filter(Boolean))
          process.stdout.write(Buffer.from(statementBytes(one)).toString() + '\\n');`;
    const lines = WORDS.flatMap((word) => statementsOf(word)).map((one) => `${Buffer.from(statementBytes(one))}\n`);
    for (const environment of [
      { TZ: 'Pacific/Apia', LANG: 'tr_TR.UTF-8', LC_ALL: 'tr_TR.UTF-8' },
      { TZ: 'America/St_Johns', LANG: 'de_DE', NODE_OPTIONS: `--import ${ANOTHER_DAY}` },
    ]) {
      const facts = WORDS.map((word) => attestedRebuild(word));
      const argv = ['--input-type=module', '-e', script, JSON.stringify(facts)];
      expect(execFileSync(process.execPath, argv, { env: environment }).toString()).toBe(lines.join(''));
    }
  });
});

describe('what is signed', () => {
  it('is read as it was written or refused with a code, whatever bytes somebody signs', () => {
    const payloads = WORDS.flatMap((word) => statementsOf(word)).map((one) => Buffer.from(statementBytes(one)));
    const change = fc.record({ at: fc.nat(1_000_000), byte: fc.nat(255), remove: fc.nat(3) });
    fc.assert(
      fc.property(fc.nat(payloads.length - 1), fc.array(change, { minLength: 1, maxLength: 3 }), (index, changes) => {
        const changed = [...(payloads[index] as Buffer)];
        for (const { at, byte, remove } of changes) changed.splice(at % changed.length, remove, byte);
        for (const read of [readAnyStatement, readComparison, readProvenance, readKeyRotation])
          try {
            read(Buffer.from(changed));
          } catch (error) {
            expect(isReproofError(error, 'EVIDENCE_LIMIT', 'EVIDENCE_MALFORMED', 'EVIDENCE_TYPE'), String(error)).toBe(
              true,
            );
          }
      }),
      { numRuns: 300 },
    );
  });
});

describe('a comparison statement is refused', () => {
  const [whole] = comparisonStatements(attestedRebuild('reproducible'));
  const [differing] = comparisonStatements(attestedRebuild('unreproducible'));
  type Draft = { -readonly [key in keyof ComparisonPredicate]: ComparisonPredicate[key] } & Record<string, unknown>;
  const changed = (
    statement: Statement<ComparisonPredicate> | undefined,
    change: (predicate: Draft) => void,
  ): Uint8Array => {
    const copy = structuredClone(statement) as unknown as { predicate: Draft };
    change(copy.predicate);
    return statementBytes(copy as unknown as Statement);
  };
  const rebuilt = (sha256: string) => ({ name: 'x.deb', digest: { sha256 } });

  it.each<readonly [string, Uint8Array, string]>([
    [
      'whose type is another',
      Buffer.from(JSON.stringify({ ...whole, predicateType: 'https://slsa.dev/provenance/v1' })),
      'EVIDENCE_TYPE',
    ],
    ['that is no statement', Buffer.from('[]'), 'EVIDENCE_MALFORMED'],
    [
      'of an older form',
      Buffer.from(JSON.stringify({ ...whole, _type: 'https://in-toto.io/Statement/v0.1' })),
      'EVIDENCE_MALFORMED',
    ],
    [
      'with two subjects',
      Buffer.from(JSON.stringify({ ...whole, subject: [whole?.subject[0], whole?.subject[0]] })),
      'EVIDENCE_MALFORMED',
    ],
    [
      'with an unknown member',
      changed(whole, (predicate) => {
        predicate.more = 1;
      }),
      'EVIDENCE_MALFORMED',
    ],
    [
      'with an unknown word',
      changed(whole, (predicate) => {
        predicate.verdict = { kind: 'safe' as 'reproducible', detail: '' };
      }),
      'EVIDENCE_MALFORMED',
    ],
    [
      'with a reason that is another word’s',
      changed(whole, (predicate) => {
        predicate.verdict = { ...predicate.verdict, reason: 'different' };
      }),
      'EVIDENCE_MALFORMED',
    ],
    [
      'that is reproducible and differs',
      changed(differing, (predicate) => {
        predicate.verdict = { kind: 'reproducible', detail: '' };
      }),
      'EVIDENCE_MALFORMED',
    ],
    [
      'that is identical with other bytes',
      changed(whole, (predicate) => {
        predicate.artifact = { ...predicate.artifact, rebuilt: rebuilt('0'.repeat(64)) };
      }),
      'EVIDENCE_MALFORMED',
    ],
    [
      'that is identical with none',
      changed(whole, (predicate) => {
        predicate.artifact = { verdict: 'identical', size: 1 };
      }),
      'EVIDENCE_MALFORMED',
    ],
    [
      'that differs with the same bytes',
      changed(differing, (predicate) => {
        predicate.artifact = { ...predicate.artifact, rebuilt: rebuilt('8'.repeat(64)) };
      }),
      'EVIDENCE_MALFORMED',
    ],
    [
      'whose digest is in capitals',
      Buffer.from(
        Buffer.from(statementBytes(differing as Statement))
          .toString()
          .replace(/"sha256":"b{64}"/, `"sha256":"${'B'.repeat(64)}"`),
      ),
      'EVIDENCE_MALFORMED',
    ],
    [
      'that names a path',
      Buffer.from(JSON.stringify({ ...whole, subject: [{ ...whole?.subject[0], name: '../x.deb' }] })),
      'EVIDENCE_MALFORMED',
    ],
  ])('%s', (_, bytes, code) => {
    const thrown = (() => {
      try {
        readComparison(bytes);
      } catch (error) {
        return isReproofError(error) ? error.code : String(error);
      }
      return 'none';
    })();
    expect(thrown).toBe(code);
  });
});
