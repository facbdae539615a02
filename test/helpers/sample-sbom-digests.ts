import { canonicalJson, sha256Of } from '../../model/index.ts';
import { artifactSbom, environmentSbom, SBOM_FORMATS } from '../../sbom/index.ts';
import { sampleArtifact, sampleEnvironment } from './sample-sbom.ts';

// A program: the digests of the samples' SBOMs, a line each.
for (const format of SBOM_FORMATS)
  for (const document of [
    artifactSbom(sampleArtifact, format, { version: '0.1.0' }),
    environmentSbom(sampleEnvironment, format, { version: '0.1.0' }),
  ])
    process.stdout.write(`${sha256Of(canonicalJson(document))}\n`);
