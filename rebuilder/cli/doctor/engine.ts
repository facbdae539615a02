import { ReproofError } from '../../../model/index.ts';
import { connectEngine, type Engine } from '../../engine/index.ts';
import type { Settings } from '../settings.ts';
import { formatSize } from '../units.ts';
import { type Check, fail, ok, warn } from './check.ts';
import { checkSpace } from './space.ts';

/** The oldest API that builds were run with (Docker 20.10). */
const LEAST_API = 41;
const LEAST_MEMORY = 2 * 1024 ** 3;

/** The container engine: whether it answers, what it is, and room where it keeps images. */
export async function checkEngine(settings: Settings): Promise<readonly Check[]> {
  let engine: Engine;
  try {
    engine = await connectEngine(settings.engine);
  } catch (error) {
    if (!(error instanceof ReproofError)) throw error;
    return [fail('engine', error.message, 'start Docker or Podman, or name its socket with --engine')];
  }
  const checks = [
    ok(
      'engine',
      `${engine.name} ${engine.version} at ${engine.address}, API ${engine.apiVersion}, ${engine.architecture}, ` +
        `cgroup v${engine.cgroupVersion}, ${engine.storageDriver}, ${engine.cpus} CPUs, ${formatSize(engine.memoryBytes)} of memory`,
    ),
    ...doubts(engine, settings),
  ];
  if (!engine.local || engine.rootFolder === '') return checks;
  const space = await checkSpace("engine's storage", engine.rootFolder, { writable: false });
  // A socket may lead to a machine (or a container) of its own, whose folders cannot be seen from here.
  return space.state === 'fail' && !space.detail.endsWith(' free') ? checks : [...checks, space];
}

function doubts(engine: Engine, settings: Settings): readonly Check[] {
  const found: Check[] = [];
  const [major = 0, minor = 0] = engine.apiVersion.split('.').map(Number);
  if (major < 1 || (major === 1 && minor < LEAST_API))
    found.push(warn('engine', `API ${engine.apiVersion} is older than 1.${LEAST_API}`, 'upgrade the engine'));
  if (engine.storageDriver === 'vfs')
    found.push(warn('engine', 'the vfs driver copies every layer whole', 'set up overlay2, which is faster by far'));
  if (engine.memoryBytes < LEAST_MEMORY)
    found.push(
      warn('engine', `only ${formatSize(engine.memoryBytes)} of memory`, 'large packages will not build here'),
    );
  if (settings.cpus !== undefined && settings.cpus > engine.cpus)
    found.push(
      warn('engine', `${settings.cpus} CPUs are set, and there are ${engine.cpus}`, 'set cpus to what the engine has'),
    );
  const { memoryBytes } = settings.limits;
  if (memoryBytes !== undefined && memoryBytes > engine.memoryBytes)
    found.push(
      warn(
        'engine',
        `${formatSize(memoryBytes)} of memory is set, and there are ${formatSize(engine.memoryBytes)}`,
        'set limits.memory to what the engine has',
      ),
    );
  return found;
}
