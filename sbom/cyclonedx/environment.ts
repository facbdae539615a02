import { debianPurl, type Json } from '../../model/index.ts';
import { sortedBy } from '../order.ts';
import type { EnvironmentContents, EnvironmentPackage, SbomDocument, SbomMaker } from '../types.ts';
import { cycloneDxClaims } from './claims.ts';
import { type CycloneDxVersion, cycloneDxDocument, hashes, properties } from './parts.ts';

/**
 * A build environment as CycloneDX: metadata.component is the source package with the files that are built of it;
 * `formulation` holds the root file system, every package in it and the source files, and a workflow that says with
 * which variables and by which commands they are used. `declarations` tell what a rebuild found.
 */
export function cycloneDxEnvironment(
  environment: EnvironmentContents,
  version: CycloneDxVersion,
  maker: SbomMaker,
): SbomDocument {
  const { source, basis, claim } = environment;
  const identity = { ...source, architecture: 'source' };
  const purl = debianPurl(identity);
  const outputs = sortedBy(environment.outputs, ({ name }) => name);
  return cycloneDxDocument({
    version,
    maker,
    purl,
    ...(environment.sourceDateEpoch === undefined ? {} : { time: environment.sourceDateEpoch }),
    phase: 'build',
    component: {
      type: 'application',
      'bom-ref': purl,
      name: source.name,
      version: source.version,
      purl,
      components: outputs.map(outputComponent),
    },
    properties: {
      sbom: 'environment',
      architecture: environment.architecture,
      basis: basis.kind,
      buildinfo: basis.kind === 'buildinfo' ? basis.sha256 : undefined,
      plan: basis.kind === 'plan' ? basis.planDigest : undefined,
      lock: basis.kind === 'plan' ? basis.lockDigest : undefined,
      'told-by': environment.toldBy,
    },
    rest: {
      components: [],
      dependencies: [{ ref: purl }],
      formulation: [
        {
          'bom-ref': 'formula',
          components: [
            ...baseComponents(environment),
            ...sortedBy(environment.packages, debianPurl).map(packageComponent),
            ...sortedBy(environment.inputs, ({ name }) => name).map(
              ({ name, sha256, size }): Json => ({
                type: 'file',
                'bom-ref': `input:${name}`,
                name,
                ...hashes(sha256),
                ...properties({ size: String(size) }),
              }),
            ),
          ],
          workflows: [workflow(environment)],
        },
      ],
      ...(claim === undefined ? {} : cycloneDxClaims(environment, claim, maker)),
    },
  });
}

function outputComponent({ name, sha256, size, package: binary }: EnvironmentContents['outputs'][number]): Json {
  const about = { 'bom-ref': `output:${name}` };
  const facts = { ...hashes(sha256), ...properties({ file: name, size: String(size) }) };
  if (binary === undefined) return { type: 'file', ...about, name, ...facts };
  return {
    type: 'application',
    ...about,
    name: binary.name,
    ...(binary.version === undefined ? {} : { version: binary.version }),
    purl: debianPurl(binary),
    ...facts,
  };
}

function packageComponent(item: EnvironmentPackage): Json {
  const purl = debianPurl(item);
  return {
    type: 'library',
    'bom-ref': purl,
    name: item.name,
    version: item.version,
    purl,
    ...hashes(item.sha256),
    ...properties({ layer: item.layer }),
  };
}

/** The root file system by its digest, where one was made. */
function baseComponents({ basis }: EnvironmentContents): readonly Json[] {
  if (basis.kind !== 'plan' || basis.rootfsDigest === undefined) return [];
  return [
    {
      type: 'operating-system',
      'bom-ref': 'root-file-system',
      name: 'root file system',
      ...hashes(basis.rootfsDigest),
      ...properties({ lock: basis.lockDigest }),
    },
  ];
}

function workflow(environment: EnvironmentContents): Json {
  const { basis, claim, steps } = environment;
  const uid = basis.kind === 'plan' ? basis.planDigest : basis.sha256;
  const named = (
    values: Readonly<Record<string, string>>,
  ): readonly { readonly name: string; readonly value: string }[] =>
    sortedBy(Object.entries(values), ([name]) => name).map(([name, value]) => ({ name, value }));
  const variables = named(environment.variables);
  const parameters = named(environment.settings);
  const references = [
    ...(basis.kind === 'plan' && basis.rootfsDigest !== undefined ? ['root-file-system'] : []),
    ...environment.inputs.map(({ name }) => `input:${name}`).sort(),
  ];
  const tested = steps.length > 0 && !/(?:^| )nocheck(?: |$)/.test(environment.variables.DEB_BUILD_OPTIONS ?? '');
  const outputs = environment.outputs.map(({ name }) => name).sort();
  return {
    'bom-ref': 'workflow',
    uid,
    name: `build of ${environment.source.name} ${environment.source.version} for ${environment.architecture}`,
    taskTypes: tested ? ['build', 'test'] : ['build'],
    ...(claim?.began === undefined ? {} : { timeStart: claim.began }),
    ...(claim?.ended === undefined ? {} : { timeEnd: claim.ended }),
    // Each input holds exactly one of resource, parameters and environmentVars.
    inputs: [
      ...(variables.length === 0 ? [] : [{ environmentVars: variables }]),
      ...(parameters.length === 0 ? [] : [{ parameters }]),
      ...references.map((ref) => ({ resource: { ref } })),
    ],
    outputs: outputs.map((name) => ({ type: 'artifact', resource: { ref: `output:${name}` } })),
    ...(steps.length === 0
      ? {}
      : { steps: steps.map((executed, index) => ({ name: `build ${index + 1}`, commands: [{ executed }] })) }),
    ...properties({ engine: claim?.engine === undefined ? undefined : `${claim.engine.name} ${claim.engine.version}` }),
  };
}
