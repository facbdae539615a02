import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { canonicalJson, sha256Of, type Verdict } from '../../model/index.ts';
import {
  type ArtifactContents,
  artifactSbom,
  type EnvironmentContents,
  environmentOfPlan,
  environmentSbom,
  SBOM_FORMATS,
  type SbomDocument,
} from '../../sbom/index.ts';
import { cycloneDxErrors } from '../helpers/cyclonedx-validator.ts';
import { textOf } from '../helpers/run-cli.ts';
import { sampleArtifact, sampleEnvironment, samplePlan, sampleRebuild } from '../helpers/sample-sbom.ts';

const maker = { version: '0.1.0' };
const written = (document: SbomDocument): string => canonicalJson(document);

/** Every value of the members called so, at any depth. */
function valuesOf(name: string, value: unknown): readonly unknown[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, member]) => [
    ...(key === name ? [member] : []),
    ...valuesOf(name, member),
  ]);
}

describe.each(['cyclonedx-1.6', 'cyclonedx-1.7'] as const)('references in %s', (format) => {
  it.each([
    ['an artifact', artifactSbom(sampleArtifact, format, maker)],
    ['an environment', environmentSbom(sampleEnvironment, format, maker)],
  ])('of %s are unique, and all of them lead somewhere', (_what, document) => {
    const names = valuesOf('bom-ref', document);
    expect(new Set(names).size).toBe(names.length);
    const used = ['ref', 'dependsOn', 'assessor', 'requirement', 'claims', 'target', 'evidence', 'counterEvidence'];
    const targets = used.flatMap((name) => valuesOf(name, document).flat()).filter((to) => typeof to === 'string');
    expect(targets.length).toBeGreaterThan(4);
    expect(targets.filter((to) => !names.includes(to))).toEqual([]);
  });
});

describe('identifiers in SPDX', () => {
  it.each([
    ['an artifact', artifactSbom(sampleArtifact, 'spdx-2.3', maker)],
    ['an environment', environmentSbom(sampleEnvironment, 'spdx-2.3', maker)],
  ])('of %s are unique, and all relationships are between them', (_what, document) => {
    const ids = valuesOf('SPDXID', document) as string[];
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) expect(id).toMatch(/^SPDXRef-[A-Za-z0-9.-]+$/);
    const ends = [...valuesOf('spdxElementId', document), ...valuesOf('relatedSpdxElement', document)];
    expect(ends.length).toBeGreaterThan(10);
    expect(ends.filter((end) => !ids.includes(end as string))).toEqual([]);
  });

  it('hold the verification code of SPDX 2.3 section 7.9, each SHA-1 sorted', () => {
    const { packages } = artifactSbom(sampleArtifact, 'spdx-2.3', maker) as { packages: readonly object[] };
    // printf '%s' "1…12…23…34…4" of forty digits each | sha1sum
    expect(packages[0]).toMatchObject({
      packageVerificationCode: { packageVerificationCodeValue: 'eb22584cb73c50ec084912f2941ccaa11a2a7732' },
    });
  });
});

const reversed: ArtifactContents = {
  ...sampleArtifact,
  files: sampleArtifact.files.toReversed(),
  licences: sampleArtifact.licences?.toReversed(),
  relations: Object.fromEntries(Object.entries(sampleArtifact.relations).toReversed()),
};
const shuffled: EnvironmentContents = {
  ...sampleEnvironment,
  packages: sampleEnvironment.packages.toReversed(),
  inputs: sampleEnvironment.inputs.toReversed(),
  outputs: sampleEnvironment.outputs.toReversed(),
  variables: Object.fromEntries(Object.entries(sampleEnvironment.variables).toReversed()),
  settings: Object.fromEntries(Object.entries(sampleEnvironment.settings).toReversed()),
};

describe.each(SBOM_FORMATS)('a document of %s', (format) => {
  it('is the same bytes whatever order its contents are in', () => {
    expect(written(artifactSbom(reversed, format, maker))).toBe(written(artifactSbom(sampleArtifact, format, maker)));
    expect(written(environmentSbom(shuffled, format, maker))).toBe(
      written(environmentSbom(sampleEnvironment, format, maker)),
    );
  });

  it('has another identity as soon as it says something else', () => {
    const identity = (document: SbomDocument) => document.serialNumber ?? document.documentNamespace;
    const one = identity(artifactSbom(sampleArtifact, format, maker));
    const files = sampleArtifact.files.slice(1);
    expect(identity(artifactSbom({ ...sampleArtifact, files }, format, maker))).not.toBe(one);
    expect(identity(artifactSbom(sampleArtifact, format, { version: '0.2.0' }))).not.toBe(one);
    expect(one).toMatch(/[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it('holds no member without a value: it is plain JSON', () => {
    for (const document of [
      artifactSbom(sampleArtifact, format, maker),
      environmentSbom(sampleEnvironment, format, maker),
      environmentSbom(environmentOfPlan(samplePlan, []), format, maker),
    ])
      expect(JSON.parse(JSON.stringify(document))).toStrictEqual(document);
  });
});

it('documents are the same bytes in any time zone and locale, on any day', async () => {
  const script = join(import.meta.dirname, '../helpers/sample-sbom-digests.ts');
  const day = join(import.meta.dirname, '../helpers/another-day.mjs');
  const run = async (environment: Readonly<Record<string, string>>, more: readonly string[] = []): Promise<string> => {
    const child = spawn(process.execPath, [...more, script], {
      env: { PATH: process.env.PATH, ...environment },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [text] = await Promise.all([textOf(child.stdout), once(child, 'close')]);
    return text;
  };
  const here = await run({ TZ: 'UTC', LANG: 'C.UTF-8' });
  expect(here.split('\n')).toHaveLength(7);
  expect(await run({ TZ: 'Pacific/Kiritimati', LANG: 'tr_TR.UTF-8', LC_ALL: 'tr_TR.UTF-8' })).toBe(here);
  expect(await run({ TZ: 'America/St_Johns', LANG: 'de_DE', LC_ALL: 'sv_SE.UTF-8' }, ['--import', day])).toBe(here);
});

describe('what a rebuild found', () => {
  const published = { name: 'small_1.0_amd64.deb', size: 4711, sha256: '4'.repeat(64) };
  const differs = {
    kind: 'differs',
    name: published.name,
    published,
    rebuilt: { ...published, sha256: sha256Of('x') },
  } as const;
  const identical = { kind: 'identical', name: published.name, published, rebuilt: published } as const;
  const missing = { kind: 'missing', name: published.name, published } as const;
  const verdicts = {
    reproducible: { kind: 'reproducible', detail: 'Equal.' },
    unreproducible: { kind: 'unreproducible', reason: 'nondeterministic', detail: 'Two rebuilds differ.' },
    failed: { kind: 'failed-to-build', detail: 'The build ended with status 2.' },
    drift: { kind: 'inconclusive', reason: 'environment drift', detail: 'Another environment.' },
  } as const satisfies Record<string, Verdict>;

  it.each([
    ['reproducible', verdicts.reproducible, [identical], { conformance: { score: 1 } }, 'evidence'],
    ['other bytes', verdicts.unreproducible, [differs], { conformance: { score: 0 } }, 'counterEvidence'],
    ['a file missing', verdicts.unreproducible, [missing], { conformance: { score: 0 } }, 'counterEvidence'],
    ['drift', verdicts.drift, [differs], {}, 'counterEvidence'],
    ['failed', verdicts.failed, [], { conformance: { score: 0 } }, 'reasoning'],
    ['nothing tried', { ...verdicts.drift, reason: 'source unavailable' }, [], {}, 'reasoning'],
  ] as const)('is declared as it is: %s', async (_what, verdict, artifacts, map, member) => {
    const record = { ...sampleRebuild, verdict, artifacts };
    const environment = environmentOfPlan(samplePlan, [], record);
    for (const version of ['1.6', '1.7'] as const) {
      const document = environmentSbom(environment, `cyclonedx-${version}`, maker);
      expect(await cycloneDxErrors(written(document), version)).toBeNull();
      const { declarations } = document as { declarations: { attestations: unknown[]; claims: object[] } };
      expect(declarations.attestations).toMatchObject([{ map: [map] }]);
      const [attestation] = declarations.attestations as [{ summary: string; map: [object] }];
      expect(attestation.summary).toBe(`${verdict.kind}: ${verdict.detail}`);
      expect('conformance' in attestation.map[0]).toBe('conformance' in map);
      expect(declarations.claims[0]).toHaveProperty(member);
    }
  });
});
