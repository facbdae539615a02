import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import {
  BUILDER_ID,
  provenanceStatement,
  type ReportedBuild,
  readProvenance,
  reportedProvenance,
  statementBytes,
  WORKER_BUILDER_ID,
} from '../../../attest/index.ts';
import { attestedPlan, attestedRebuild } from '../../helpers/attested-rebuild.ts';

const SCHEMA = join(import.meta.dirname, '../../../attest/statement/schemas/debian-rebuild-v1.json');
const KEY = `${'A'.repeat(43)}=`;
const file = (name: string, digit: string) => ({ name, sha256: digit.repeat(64) });

function build(change: Partial<ReportedBuild> = {}): ReportedBuild {
  return {
    id: 'result-7',
    startedOn: '2026-01-02T03:04:05.000Z',
    finishedOn: '2026-01-02T03:06:00.000Z',
    worker: { key: KEY, checked: ['target', 'rebuilt-files'] },
    plan: attestedPlan(),
    rootfs: '3'.repeat(64),
    verified: [],
    reproof: '0.1.0',
    files: [file('less_668-1_amd64.deb', '4'), file('less-doc_668-1_all.deb', '8'), file('less.buildinfo', '0')],
    byproducts: [{ name: 'record.json', digest: { sha256: '6'.repeat(64) } }],
    ...change,
  };
}

describe('the provenance of what a worker elsewhere built', () => {
  it('names its key and what was looked at, and holds by the published schema', () => {
    const statement = reportedProvenance(build());
    const check = new Ajv2020({ strict: false }).compile(JSON.parse(readFileSync(SCHEMA, 'utf8')));
    expect(check(statement), JSON.stringify(check.errors)).toBe(true);
    expect(statement?.subject.map(({ name }) => name)).toEqual(['less-doc_668-1_all.deb', 'less_668-1_amd64.deb']);
    expect(statement?.predicate).toMatchObject({
      buildDefinition: { internalParameters: { worker: { key: KEY, checked: ['rebuilt-files', 'target'] } } },
      runDetails: {
        builder: { id: WORKER_BUILDER_ID },
        byproducts: [{ name: 'less.buildinfo' }, { name: 'record.json' }],
      },
    });
  });

  it('is the same bytes however its input is ordered', () => {
    const { files, worker } = build();
    const turned = build({ files: files.toReversed(), worker: { ...worker, checked: worker.checked.toReversed() } });
    const [one, other] = [build(), turned].map((each) => reportedProvenance(each));
    expect(one === undefined || Buffer.from(statementBytes(one)).toString()).toBe(
      other === undefined || Buffer.from(statementBytes(other)).toString(),
    );
  });

  it('names the same inputs as that of a build here', () => {
    const { plan, record } = attestedRebuild();
    const here = provenanceStatement({ plan, record })?.predicate.buildDefinition;
    const rootfs = record.environment?.rootfsDigest ?? '';
    const there = reportedProvenance(build({ plan, rootfs, verified: record.verified }))?.predicate.buildDefinition;
    expect(there?.resolvedDependencies).toEqual(here?.resolvedDependencies);
    expect(there?.externalParameters).toEqual(here?.externalParameters);
  });

  it('is none where no file came', () => {
    expect(reportedProvenance(build({ files: [file('less.buildinfo', '0')] }))).toBeUndefined();
  });

  it('is not made where its own reader would not take it', () => {
    const long = build({ reproof: 'x'.repeat(1001) });
    expect(() => reportedProvenance(long)).toThrow(expect.objectContaining({ code: 'EVIDENCE_MALFORMED' }));
  });

  it('is refused by its reader where worker and builder do not go together', () => {
    const statement = reportedProvenance(build());
    if (statement === undefined) throw new Error('files came');
    const { buildDefinition, runDetails } = statement.predicate;
    const { worker: _, ...internalParameters } = buildDefinition.internalParameters;
    const predicates = [
      { runDetails, buildDefinition: { ...buildDefinition, internalParameters } },
      { buildDefinition, runDetails: { ...runDetails, builder: { ...runDetails.builder, id: BUILDER_ID } } },
    ];
    for (const predicate of predicates)
      expect(() => readProvenance(statementBytes({ ...statement, predicate }))).toThrow(
        expect.objectContaining({ code: 'EVIDENCE_MALFORMED' }),
      );
    expect(readProvenance(statementBytes(statement))).toEqual(JSON.parse(JSON.stringify(statement)));
  });
});
