import type { Engine } from '../engine/client.ts';
import type { Capabilities } from '../store/jobs/types.ts';

/** Machines that also run the programs of another: dpkg's names. */
const ALSO_BUILDS: Readonly<Record<string, readonly string[]>> = { amd64: ['i386'], arm64: ['armhf', 'armel'] };
/** What a build may use of the engine's memory where no limit is set: see RebuilderOptions.limits. */
const MEMORY_SHARE = 0.75;

/** What an engine's machine can build within limits. */
export function engineCapabilities(
  engine: Pick<Engine, 'architecture' | 'memoryBytes'>,
  limits: { readonly memoryBytes?: number | undefined; readonly diskBytes: number },
): Capabilities {
  const { architecture } = engine;
  return {
    architectures: [architecture, ...(ALSO_BUILDS[architecture] ?? []), 'all'],
    distributions: ['debian'],
    memoryBytes: limits.memoryBytes ?? Math.floor(engine.memoryBytes * MEMORY_SHARE),
    diskBytes: limits.diskBytes,
  };
}
