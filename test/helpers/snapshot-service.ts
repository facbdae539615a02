import { createHash } from 'node:crypto';
import { type FaultyServer, startServer } from './faulty-server.ts';

/** Where and when a snapshot service saw a file. */
export type Appearance = {
  readonly name: string;
  readonly archive_name: string;
  readonly path: string;
  readonly first_seen: string;
  readonly size: number;
};

/** A .deb that the service keeps. */
export type KeptBinary = {
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
  readonly bytes: Uint8Array;
  readonly archive?: string;
};

/** snapshot.debian.org's page for what it does not have: HTML, whatever was asked for. */
const NOT_FOUND = `<!DOCTYPE html>\n<html><head><title>404 Not Found</title></head><body><h1>404 Not Found</h1></body></html>\n`;

export function sha1Of(bytes: Uint8Array): string {
  return createHash('sha1').update(bytes).digest('hex');
}

/** One appearance in the main archive. */
export function appearance(name: string, bytes: Uint8Array, archive = 'debian'): Appearance {
  return {
    name,
    archive_name: archive,
    path: `/pool/main/${name[0]}/${name.split('_')[0]}`,
    first_seen: '20240101T000000Z',
    size: bytes.length,
  };
}

/** A service with snapshot.debian.org's machine interface, on 127.0.0.1. */
export class SnapshotService {
  readonly #files = new Map<string, Uint8Array>();
  readonly #answers = new Map<string, { readonly fileinfo: object; readonly rest: object }>();
  readonly #server: FaultyServer;

  static async start(): Promise<SnapshotService> {
    const answer = (url: string): { status: number; type: string; body: Uint8Array | string } => service.#answer(url);
    const server = await startServer((request, response) => {
      const { status, type, body } = answer(request.url ?? '/');
      response.writeHead(status, { 'content-type': type }).end(body);
    });
    const service: SnapshotService = new SnapshotService(server);
    return service;
  }

  private constructor(server: FaultyServer) {
    this.#server = server;
  }

  get url(): string {
    return this.#server.url;
  }

  /** The paths asked for, queries included. */
  get asked(): readonly string[] {
    return this.#server.requests.map((request) => request.path);
  }

  /** Answers /mr/binary/NAME/VERSION/binfiles with these, which are of one name and version. */
  keepBinaries(...binaries: readonly KeptBinary[]): void {
    const [{ name = '', version = '' } = {}] = binaries;
    const fileinfo: Record<string, Appearance[]> = {};
    for (const { architecture, bytes, archive } of binaries) {
      const file = `${name}_${version.replace(/^[0-9]+:/, '')}_${architecture}.deb`;
      fileinfo[sha1Of(bytes)] = [appearance(file, bytes, archive)];
      this.#files.set(sha1Of(bytes), bytes);
    }
    const result = binaries.map(({ architecture, bytes }) => ({ architecture, hash: sha1Of(bytes) }));
    this.#answers.set(`/mr/binary/${name}/${version}/binfiles`, {
      fileinfo,
      rest: { _comment: 'foo', binary: name, binary_version: version, result },
    });
  }

  /** Answers /mr/package/NAME/VERSION/srcfiles with these files; `more` are further appearances of a file, by its name. */
  keepSource(
    source: { readonly name: string; readonly version: string; readonly files: Readonly<Record<string, Uint8Array>> },
    more: Readonly<Record<string, readonly Appearance[]>> = {},
  ): void {
    const all = Object.entries(source.files);
    for (const [, bytes] of all) this.#files.set(sha1Of(bytes), bytes);
    this.#answers.set(`/mr/package/${source.name}/${source.version}/srcfiles`, {
      fileinfo: Object.fromEntries(
        all.map(([name, bytes]) => [sha1Of(bytes), [...(more[name] ?? []), appearance(name, bytes)]]),
      ),
      rest: {
        _comment: 'foo',
        package: source.name,
        version: source.version,
        result: all.map(([, bytes]) => ({ hash: sha1Of(bytes) })),
      },
    });
  }

  close(): Promise<void> {
    return this.#server.close();
  }

  #answer(url: string): { status: number; type: string; body: Uint8Array | string } {
    const { pathname, searchParams } = new URL(url, 'http://127.0.0.1');
    const path = decodeURIComponent(pathname);
    const file = this.#files.get(/^\/file\/([0-9a-f]{40})(?:\/[^/]+)?$/.exec(path)?.[1] ?? '');
    if (file !== undefined) return { status: 200, type: 'application/octet-stream', body: file };
    const known = this.#answers.get(path);
    if (known === undefined) return { status: 404, type: 'text/html; charset=utf-8', body: NOT_FOUND };
    const answer = searchParams.get('fileinfo') === '1' ? { ...known.rest, fileinfo: known.fileinfo } : known.rest;
    return { status: 200, type: 'application/json', body: JSON.stringify(answer) };
  }
}
