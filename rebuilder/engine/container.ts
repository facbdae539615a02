import { once } from 'node:events';
import { type Duplex, PassThrough, type Readable } from 'node:stream';
import type { Container, ContainerCreateOptions, HostConfig } from 'dockerode';
import tarStream from 'tar-stream';
import { ReproofError } from '../../model/index.ts';
import type { Engine } from './client.ts';
import { labelsOf, type Ownership } from './ownership.ts';

/** What every container of ours is made of. There is no way to ask for a network. */
export type ContainerRequest = {
  readonly image: string;
  readonly argv: readonly string[];
  readonly owner: Ownership;
  readonly user?: string;
  readonly hostname?: string;
  readonly host?: Omit<HostConfig, 'NetworkMode' | 'LogConfig' | 'Privileged'>;
};

/** A file to put into a container: absolute paths and owners are ours, never an archive's. */
export type ContainerFile = {
  readonly path: string;
  readonly mode: number;
  readonly uid?: number;
} & (
  | { readonly kind: 'folder' }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'stream'; readonly size: number; readonly open: () => Readable }
);

const FRAME_HEADER_BYTES = 8;

/** Wraps an engine's failure in our error, naming what was being done. Errors that are ours already pass through. */
export function engineError(doing: string, cause: unknown): ReproofError {
  if (cause instanceof ReproofError) return cause;
  const message = cause instanceof Error ? cause.message : String(cause);
  const code = (cause as NodeJS.ErrnoException | undefined)?.code;
  const gone = code === 'ECONNREFUSED' || code === 'ENOENT' || code === 'EACCES' || code === 'ECONNRESET';
  return new ReproofError(
    gone ? 'ENGINE_UNAVAILABLE' : 'ENGINE_FAILED',
    `${doing}: ${message.replace(/\s+/g, ' ').trim()}`,
    { cause },
  );
}

/** Creates a container without network, without privileges and without the engine keeping its output. Not started. */
export async function createContainer(engine: Engine, request: ContainerRequest): Promise<Container> {
  const [command, ...args] = request.argv;
  const options: ContainerCreateOptions = {
    Image: request.image,
    Entrypoint: command === undefined ? [] : [command],
    Cmd: args,
    Labels: labelsOf(request.owner),
    Hostname: request.hostname ?? 'reproof',
    WorkingDir: '/',
    AttachStdout: true,
    AttachStderr: true,
    Tty: false,
    NetworkDisabled: true,
    ...(request.user === undefined ? {} : { User: request.user }),
    HostConfig: { ...request.host, NetworkMode: 'none', Privileged: false, LogConfig: { Type: 'none', Config: {} } },
  };
  try {
    return await engine.docker.createContainer(options);
  } catch (cause) {
    throw engineError(`creating a container of image ${request.image}`, cause);
  }
}

/**
 * Puts files into a container, created or running, all below `root` (the mount point of a volume, where the container's
 * own root is read-only). Folders in between must exist or be given.
 */
export async function putFiles(container: Container, files: readonly ContainerFile[], root = '/'): Promise<void> {
  const pack = tarStream.pack();
  const writing = writeFiles(pack, files, root);
  writing.catch((error: unknown) => pack.destroy(error instanceof Error ? error : new Error(String(error))));
  try {
    await container.putArchive(pack as unknown as NodeJS.ReadableStream, { path: root });
    await writing;
  } catch (cause) {
    // A source that could not be read ends the request as well: then that is the reason.
    const ours = await Promise.race([
      writing.then(
        () => undefined,
        (error: unknown) => error,
      ),
      Promise.resolve(undefined),
    ]);
    throw engineError('sending files into a container', ours instanceof ReproofError ? ours : cause);
  }
}

async function writeFiles(pack: tarStream.Pack, files: readonly ContainerFile[], root: string): Promise<void> {
  const mtime = new Date(0);
  for (const file of files) {
    const name = file.path.slice(root.length).replace(/^\/+/, '');
    const owner = { uid: file.uid ?? 0, gid: file.uid ?? 0, mode: file.mode, mtime };
    if (file.kind === 'folder') pack.entry({ name: `${name}/`, type: 'directory', ...owner });
    else if (file.kind === 'text') pack.entry({ name, ...owner }, file.text);
    else {
      const sink = pack.entry({ name, size: file.size, ...owner });
      for await (const chunk of file.open()) if (!sink.write(chunk)) await once(sink, 'drain');
      sink.end(undefined);
    }
  }
  pack.finalize();
}

/** Starts a created container. */
export async function startContainer(container: Container): Promise<void> {
  try {
    await container.start();
  } catch (cause) {
    throw engineError('starting a container', cause);
  }
}

/**
 * Both outputs of a container as one stream of bytes, from before its start, so that nothing is missed. It is read no
 * faster than its reader asks. Leaving it early lets go of the container.
 */
export async function attachOutput(container: Container): Promise<AsyncIterable<Buffer>> {
  try {
    return demultiplexed((await container.attach({ stream: true, stdout: true, stderr: true })) as Duplex);
  } catch (cause) {
    throw engineError('attaching to a container', cause);
  }
}

/** Takes the frames of a stream without terminal apart: 8 bytes of header, the last 4 of which are the length, big-endian (Docker's API, ContainerAttach). */
async function* demultiplexed(stream: Duplex): AsyncGenerator<Buffer> {
  let pending = Buffer.alloc(0);
  let left = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    let data = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
    while (data.length >= (left > 0 ? 1 : FRAME_HEADER_BYTES)) {
      if (left === 0) {
        left = data.readUInt32BE(4);
        data = data.subarray(FRAME_HEADER_BYTES);
        continue;
      }
      const part = data.subarray(0, left);
      left -= part.length;
      data = data.subarray(part.length);
      yield part;
    }
    pending = Buffer.from(data);
  }
}

export type ExecResult = { readonly status: number; readonly output: string; readonly errors: string };

/** Runs a command in a running container, as root unless said otherwise, and collects what it prints, up to maxBytes. */
export async function execIn(
  engine: Engine,
  container: Container,
  options: { readonly argv: readonly string[]; readonly maxBytes: number; readonly signal: AbortSignal },
): Promise<ExecResult> {
  const doing = `running ${options.argv[0]} in a container`;
  if (options.signal.aborted) throw new ReproofError('INTERRUPTED', `${doing}: interrupted`);
  try {
    const exec = await container.exec({ Cmd: [...options.argv], AttachStdout: true, AttachStderr: true });
    const stream = await exec.start({});
    const collected = [collector(options.maxBytes), collector(options.maxBytes)] as const;
    engine.docker.modem.demuxStream(stream, collected[0].sink, collected[1].sink);
    const abort = (): void => void stream.destroy(new ReproofError('INTERRUPTED', `${doing}: interrupted`));
    options.signal.addEventListener('abort', abort, { once: true });
    try {
      await new Promise<void>((resolve, reject) => {
        stream.once('end', resolve);
        stream.once('close', resolve);
        stream.once('error', reject);
      });
    } finally {
      options.signal.removeEventListener('abort', abort);
    }
    if (options.signal.aborted) throw new ReproofError('INTERRUPTED', `${doing}: interrupted`);
    const { ExitCode } = await exec.inspect();
    return { status: ExitCode ?? -1, output: collected[0].text(), errors: collected[1].text() };
  } catch (cause) {
    throw engineError(doing, cause);
  }
}

function collector(maxBytes: number): { readonly sink: PassThrough; readonly text: () => string } {
  const chunks: Buffer[] = [];
  let bytes = 0;
  const sink = new PassThrough();
  sink.on('data', (chunk: Buffer) => {
    if (bytes < maxBytes) chunks.push(chunk.subarray(0, maxBytes - bytes));
    bytes += chunk.length;
  });
  return { sink, text: () => Buffer.concat(chunks).toString('utf8') };
}

/** Ends and removes a container; one that is gone already is what was wanted. */
export async function removeContainer(container: Container): Promise<void> {
  try {
    await container.remove({ force: true, v: true });
  } catch (cause) {
    const status = (cause as { statusCode?: number }).statusCode;
    // 404: gone. 409: another removal is under way.
    if (status !== 404 && status !== 409) throw engineError('removing a container', cause);
  }
}
