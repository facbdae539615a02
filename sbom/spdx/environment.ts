import { debianPurl, type Json } from '../../model/index.ts';
import { spdxId } from '../identifiers.ts';
import { sortedBy } from '../order.ts';
import type { EnvironmentContents, SbomDocument, SbomMaker } from '../types.ts';
import { annotation, type SpdxRelation, spdxDocument, spdxPackage } from './parts.ts';

/**
 * A build environment as SPDX 2.3: the source package, every package of the environment as BUILD_DEPENDENCY_OF it, the
 * root file system as BUILD_TOOL_OF it, and the files that are built as GENERATED_FROM it. Variables, settings, commands
 * and the rebuild's verdict are annotations of it: the format has no field for them.
 */
export function spdxEnvironment(environment: EnvironmentContents, maker: SbomMaker): SbomDocument {
  const { source, basis, sourceDateEpoch } = environment;
  const purl = debianPurl({ ...source, architecture: 'source' });
  const described = spdxId('Package', purl);
  const packages = sortedBy(environment.packages, debianPurl).map((item) => {
    // What is built may be what it is built with: the key says which one is meant.
    const key = `build-dependency ${debianPurl(item)}`;
    const { name, version, sha256 } = item;
    return { key, name, version, purl: debianPurl(item), ...(sha256 === undefined ? {} : { sha256 }) };
  });
  const root =
    basis.kind === 'plan' && basis.rootfsDigest !== undefined
      ? [
          {
            key: 'root file system',
            name: 'root file system',
            sha256: basis.rootfsDigest,
            purpose: 'OPERATING-SYSTEM' as const,
          },
        ]
      : [];
  const inputs = sortedBy(environment.inputs, ({ name }) => name).map(({ name, sha256 }) => ({
    key: `input ${name}`,
    name,
    sha256,
    fileName: name,
    purpose: 'FILE' as const,
  }));
  const outputs = sortedBy(environment.outputs, ({ name }) => name).map(({ name, sha256, package: binary }) => ({
    key: `output ${name}`,
    name: binary?.name ?? name,
    ...(binary?.version === undefined ? {} : { version: binary.version }),
    ...(binary === undefined ? {} : { purl: debianPurl(binary) }),
    sha256,
    fileName: name,
  }));
  const to = (type: SpdxRelation['type'], items: readonly { readonly key: string }[]): readonly SpdxRelation[] =>
    items.map(({ key }) => ({ from: spdxId('Package', key), type, to: described }));
  const main = spdxPackage({ key: purl, name: source.name, version: source.version, purl, purpose: 'SOURCE' });
  return spdxDocument({
    maker,
    name: `build environment of ${source.name} ${source.version} for ${environment.architecture}`,
    purl,
    described,
    ...(sourceDateEpoch === undefined ? {} : { time: sourceDateEpoch }),
    packages: [
      { ...main, annotations: annotations(environment, maker) },
      ...[...root, ...packages, ...inputs, ...outputs].map(spdxPackage),
    ],
    relations: [
      ...to('BUILD_DEPENDENCY_OF', packages),
      ...to('BUILD_TOOL_OF', root),
      ...to('GENERATED_FROM', outputs),
      ...inputs.map(({ key }): SpdxRelation => ({ from: described, type: 'CONTAINS', to: spdxId('Package', key) })),
    ],
  });
}

function annotations(environment: EnvironmentContents, maker: SbomMaker): readonly Json[] {
  const { basis, claim, variables, settings, steps, sourceDateEpoch: time } = environment;
  const facts = [
    ...(basis.kind === 'plan'
      ? [`plan SHA-256: ${basis.planDigest}`, `lock SHA-256: ${basis.lockDigest}`]
      : [`.buildinfo SHA-256: ${basis.sha256}`]),
    ...Object.entries(settings).map(([name, value]) => `setting ${name}: ${value}`),
    ...Object.entries(variables).map(([name, value]) => `variable ${name}=${value}`),
    ...steps.map((step, index) => `step ${index + 1}: ${step}`),
    `architecture: ${environment.architecture}`,
    ...(environment.toldBy === undefined ? [] : [`told by: ${environment.toldBy}`]),
  ].sort();
  return [
    ...facts.map((fact) => annotation(fact, { maker, time })),
    ...(claim === undefined
      ? []
      : [
          annotation(`rebuild ${claim.id}: ${claim.verdict.kind}: ${claim.verdict.detail}`, {
            maker,
            time,
            type: 'REVIEW',
          }),
        ]),
  ];
}
