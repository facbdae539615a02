import type { Container } from 'dockerode';
import { ReproofError, type Sha256 } from '../../model/index.ts';
import { engineError, execIn } from '../engine/container.ts';
import type { EnvironmentContext } from './types.ts';

const IMAGE_NAME = 'reproof-environment';
const OUTPUT_KEPT = 8_000_000;

/** Runs one of our scripts in a container and gives what it printed. Throws ENVIRONMENT_FAILED with the telling lines. */
export async function runStep(
  container: Container,
  script: string,
  argument: string,
  context: EnvironmentContext,
): Promise<string> {
  const result = await execIn(context.engine, container, {
    argv: ['/bin/sh', '-c', script, 'sh', argument],
    maxBytes: OUTPUT_KEPT,
    signal: context.signal,
  });
  if (result.status !== 0) {
    const why = `${result.output}\n${result.errors}`
      .split('\n')
      .filter((line) => /error|cannot|fail|depends/i.test(line))
      .slice(-3)
      .join('; ');
    throw new ReproofError(
      'ENVIRONMENT_FAILED',
      `making the build environment (${argument}): status ${result.status}: ${why.slice(0, 1000)}`,
    );
  }
  return result.output;
}

/** The lines of generated files out of what the normalising script printed: "SHA-256  PATH". */
export function generatedFiles(output: string): string {
  return output
    .split('\n')
    .filter((line) => line.startsWith('generated '))
    .map((line) => `${line.slice('generated '.length)}\n`)
    .join('');
}

/** Keeps a container's root file system as an image under the lock's digest, and gives its id and size in bytes. */
export async function commit(
  container: Container,
  name: Sha256,
  context: EnvironmentContext,
): Promise<{ readonly imageId: string; readonly bytes: number }> {
  try {
    // The container does nothing but be read meanwhile; pausing it would stop the reading.
    const answer = (await container.commit({ repo: IMAGE_NAME, tag: name.slice(0, 32), pause: false })) as {
      Id: string;
    };
    const { Size } = await context.engine.docker.getImage(answer.Id).inspect();
    return { imageId: answer.Id, bytes: Size };
  } catch (cause) {
    throw engineError('keeping an environment', cause);
  }
}

/** Notes naming the files in which this making of a lock differs from an earlier one; none when it does not. */
export async function compareWithHistory(
  name: Sha256,
  rootfsDigest: Sha256,
  generated: string,
  context: EnvironmentContext,
): Promise<readonly string[]> {
  const earlier = (await context.memory.rootfsHistory(name)).find((item) => item.rootfsDigest !== rootfsDigest);
  if (earlier === undefined) return [];
  const before = new Set(earlier.generated.split('\n'));
  const now = new Set(generated.split('\n'));
  const paths = [
    ...new Set(
      [...[...now].filter((line) => !before.has(line)), ...[...before].filter((line) => !now.has(line))].map((line) =>
        line.slice(66),
      ),
    ),
  ].sort();
  const named =
    paths.length === 0 ? 'no generated file differs: names, owners or modes do' : paths.slice(0, 20).join(', ');
  return [
    `the root file system of this lock has another digest than one made before (${earlier.rootfsDigest.slice(0, 16)}…): ${named}`,
  ];
}
