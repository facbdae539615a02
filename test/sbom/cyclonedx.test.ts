import { describe, expect, test } from 'vitest';
import { canonicalJson } from '../../model/index.ts';
import { artifactSbom, environmentSbom } from '../../sbom/index.ts';
import { cycloneDxErrors } from '../helpers/cyclonedx-validator.ts';
import { sampleArtifact, sampleEnvironment } from '../helpers/sample-sbom.ts';

const maker = { version: '0.1.0' };

describe.each(['1.6', '1.7'] as const)('CycloneDX %s', (version) => {
  test('an artifact satisfies the strict schema', async () => {
    const text = canonicalJson(artifactSbom(sampleArtifact, `cyclonedx-${version}`, maker));
    expect(await cycloneDxErrors(text, version)).toBeNull();
  });
  test('an environment with a claim satisfies the strict schema', async () => {
    const text = canonicalJson(environmentSbom(sampleEnvironment, `cyclonedx-${version}`, maker));
    expect(await cycloneDxErrors(text, version)).toBeNull();
  });
});
