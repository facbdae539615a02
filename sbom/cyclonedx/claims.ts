import { type ArtifactVerdict, debianPurl, type FileDigest, type Json } from '../../model/index.ts';
import { sortedBy } from '../order.ts';
import type { EnvironmentContents, RebuildClaim, SbomMaker } from '../types.ts';
import { hashes } from './parts.ts';

type Judged = Exclude<ArtifactVerdict, { readonly kind: 'extra' }>;

const PREDICATE = 'A rebuild from the same source gives the published file, byte for byte.';
const REQUIREMENT = 'identical';

/**
 * What a rebuild found, as CycloneDX's declarations (CDXA): a claim for each published file, with the digests as evidence
 * for or against it. Conformance is 1 where the bytes are equal, 0 where the rebuild's verdict counts against the
 * package, and absent where it says nothing of it. Without a published file that was compared, the claim is of the source.
 */
export function cycloneDxClaims(
  environment: EnvironmentContents,
  claim: RebuildClaim,
  maker: SbomMaker,
): Readonly<Record<string, Json>> {
  const judged = sortedBy(
    claim.artifacts.filter((artifact): artifact is Judged => artifact.kind !== 'extra'),
    ({ name }) => name,
  );
  const subjects =
    judged.length === 0 ? [sourceSubject(environment, claim)] : judged.map((one) => fileSubject(one, claim));
  return {
    definitions: { standards: [STANDARD] },
    declarations: {
      assessors: [
        { 'bom-ref': 'assessor', thirdParty: true, organization: { name: maker.operator ?? 'an operator of Reproof' } },
      ],
      targets: { components: subjects.map(({ target }) => target) },
      claims: subjects.map((subject) => subject.claim),
      ...(judged.length === 0 ? {} : { evidence: subjects.flatMap(({ evidence }) => evidence) }),
      attestations: [
        {
          summary: `${claim.verdict.kind}: ${claim.verdict.detail}`,
          assessor: 'assessor',
          map: subjects.map(({ name, conformance }) => ({
            requirement: REQUIREMENT,
            claims: [`claim:${name}`],
            ...(conformance === undefined ? {} : { conformance }),
          })),
        },
      ],
    },
  };
}

/** The definition that the claims are measured by: https://reproducible-builds.org/docs/definition/. */
const STANDARD: Json = {
  'bom-ref': 'reproducible-builds',
  name: 'Reproducible Builds',
  version: '1',
  description: 'The same source, environment and instructions give the same files, bit by bit.',
  owner: 'reproducible-builds.org',
  requirements: [
    {
      'bom-ref': REQUIREMENT,
      identifier: 'identical',
      title: 'Bit for bit identical',
      text: 'A rebuild of the source gives every published file with the same bytes.',
    },
  ],
};

type Subject = {
  readonly name: string;
  readonly target: Json;
  readonly claim: Json;
  readonly evidence: readonly Json[];
  readonly conformance: Json | undefined;
};

function fileSubject(artifact: Judged, claim: RebuildClaim): Subject {
  const { name, published } = artifact;
  const evidence = [
    digestEvidence(name, 'published', published, claim),
    ...(artifact.kind === 'missing' ? [] : [digestEvidence(name, 'rebuilt', artifact.rebuilt, claim)]),
  ];
  const sides = artifact.kind === 'missing' ? ['published'] : ['published', 'rebuilt'];
  const identical = artifact.kind === 'identical';
  return {
    name,
    target: { type: 'file', 'bom-ref': `target:${name}`, name, ...hashes(published.sha256) },
    claim: {
      'bom-ref': `claim:${name}`,
      target: `target:${name}`,
      predicate: PREDICATE,
      [identical ? 'evidence' : 'counterEvidence']: sides.map((side) => `${side}:${name}`),
      reasoning: REASONING[artifact.kind],
    },
    evidence,
    conformance: identical
      ? { score: 1, rationale: REASONING.identical }
      : conformanceOf(claim, REASONING[artifact.kind]),
  };
}

function sourceSubject({ source }: EnvironmentContents, claim: RebuildClaim): Subject {
  const purl = debianPurl({ ...source, architecture: 'source' });
  return {
    name: 'source',
    target: { type: 'application', 'bom-ref': 'target:source', name: source.name, version: source.version, purl },
    claim: {
      'bom-ref': 'claim:source',
      target: 'target:source',
      predicate: PREDICATE,
      reasoning: claim.verdict.detail,
    },
    evidence: [],
    conformance: conformanceOf(claim, claim.verdict.detail),
  };
}

/** What speaks against a file counts only where the verdict does: an inconclusive rebuild says nothing of the package. */
function conformanceOf({ verdict }: RebuildClaim, rationale: string): Json | undefined {
  return verdict.kind === 'inconclusive' ? undefined : { score: 0, rationale };
}

const REASONING: Readonly<Record<Judged['kind'], string>> = {
  identical: 'The SHA-256 of the rebuilt file equals that of the published one.',
  differs: 'The SHA-256 of the rebuilt file is not that of the published one.',
  missing: 'The rebuild gave no file of this name.',
};

function digestEvidence(name: string, side: 'published' | 'rebuilt', file: FileDigest, { ended }: RebuildClaim): Json {
  return {
    'bom-ref': `${side}:${name}`,
    propertyName: `reproof.${side}.sha256`,
    description: `SHA-256 of the ${side} file ${name}`,
    data: [{ name: 'sha256', contents: { attachment: { content: file.sha256, contentType: 'text/plain' } } }],
    ...(ended === undefined ? {} : { created: ended }),
  };
}
