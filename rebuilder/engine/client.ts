import Docker from 'dockerode';
import { ReproofError } from '../../model/index.ts';

/** A container engine that answered: the client to talk to it, and what it says of itself. */
export type Engine = {
  readonly docker: Docker;
  /** The address it was reached at, as given. */
  readonly address: string;
  /** Tells one engine from another on this machine. Docker's own ID; for Podman, whose ID is new in each answer, its host and storage. */
  readonly id: string;
  readonly name: 'docker' | 'podman';
  readonly version: string;
  readonly apiVersion: string;
  /** The machine the engine runs on, by dpkg's name: amd64, arm64. */
  readonly architecture: string;
  readonly cpus: number;
  readonly memoryBytes: number;
  /** 1 or 2. */
  readonly cgroupVersion: string;
  readonly storageDriver: string;
  /** Where the engine keeps images and volumes, a path on its own machine. */
  readonly rootFolder: string;
  /** True for a socket of this machine: its root folder can be looked at. */
  readonly local: boolean;
};

/** What of /info is read. The engine is trusted no further than to have these types. */
type EngineInfo = {
  readonly ID?: string;
  readonly Name?: string;
  readonly NCPU?: number;
  readonly MemTotal?: number;
  readonly CgroupVersion?: string;
  readonly Driver?: string;
  readonly DockerRootDir?: string;
};

const CONNECT_MILLISECONDS = 10_000;

const DPKG_NAMES: Readonly<Record<string, string>> = { '386': 'i386', arm: 'armhf', ppc64le: 'ppc64el' };

/**
 * Reaches the container engine at `address`: the path of a socket, unix://PATH, or tcp://, http:// or https:// with a
 * host and a port. Throws ENGINE_UNAVAILABLE, with the way out in its message, when nothing answers within 10 s.
 */
export async function connectEngine(address: string): Promise<Engine> {
  const options = clientOptions(address);
  const fail = (why: string, cause?: unknown): ReproofError =>
    new ReproofError('ENGINE_UNAVAILABLE', `connecting to the container engine at ${address}: ${why}`, {
      context: { address },
      cause,
    });
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(fail('no answer within 10 s')), CONNECT_MILLISECONDS);
  });
  try {
    // The client reads DOCKER_HOST even when told otherwise, and throws on one it cannot read.
    const docker = new Docker(options);
    const [version, info] = await Promise.race([
      Promise.all([docker.version(), docker.info() as Promise<EngineInfo>]),
      late,
    ]);
    if (typeof version?.Version !== 'string' || typeof info?.NCPU !== 'number')
      throw fail('what answers there is not a container engine');
    const podman = (version.Components ?? []).some((component) => component.Name.startsWith('Podman'));
    return {
      docker,
      address,
      id: podman ? `podman:${info.Name ?? ''}:${info.DockerRootDir ?? ''}` : (info.ID ?? ''),
      name: podman ? 'podman' : 'docker',
      version: version.Version,
      apiVersion: version.ApiVersion,
      architecture: DPKG_NAMES[version.Arch] ?? version.Arch,
      cpus: info.NCPU,
      memoryBytes: info.MemTotal ?? 0,
      cgroupVersion: info.CgroupVersion ?? '1',
      storageDriver: info.Driver ?? 'unknown',
      rootFolder: info.DockerRootDir ?? '',
      local: options.socketPath !== undefined,
    };
  } catch (error) {
    if (error instanceof ReproofError) throw error;
    throw fail(whyUnreachable(error), error);
  } finally {
    clearTimeout(timer);
  }
}

function clientOptions(address: string): Docker.DockerOptions {
  const path = address.startsWith('unix://') ? address.slice('unix://'.length) : address;
  // `host` is named even here: without it the client lets a DOCKER_HOST of the environment win over the socket.
  if (path.startsWith('/')) return { socketPath: path, host: undefined };
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url === undefined || !['tcp:', 'http:', 'https:'].includes(url.protocol) || url.hostname === '') {
    throw new ReproofError(
      'ENGINE_UNAVAILABLE',
      `reading the container engine's address ${JSON.stringify(address)}: it is neither a socket's path nor unix://PATH, tcp://HOST:PORT, http://HOST:PORT or https://HOST:PORT`,
      { context: { address } },
    );
  }
  const tls = url.protocol === 'https:' || url.port === '2376';
  // Client certificates, where there are any, come from DOCKER_CERT_PATH, which the client reads beside DOCKER_HOST.
  return { host: url.hostname, port: url.port || (tls ? 2376 : 2375), protocol: tls ? 'https' : 'http' };
}

function whyUnreachable(error: unknown): string {
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  if (code === 'ENOENT') return 'there is no such socket; start the engine, or name another with --engine';
  if (code === 'EACCES' || code === 'EPERM')
    return "permission denied; run as a user of the socket's group (often docker), or as root";
  if (code === 'ECONNREFUSED') return 'nothing listens there; start the engine, or name another with --engine';
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'its host name is unknown';
  const message = error instanceof Error ? error.message : String(error);
  return message.split('\n')[0] ?? 'unknown failure';
}
