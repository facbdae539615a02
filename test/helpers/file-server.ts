import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** An HTTP server of this machine that serves the bytes laid in `files`, by path; `requests` are the paths asked for. */
export class FileServer {
  readonly files = new Map<string, Uint8Array>();
  readonly requests: string[] = [];
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => {
      const path = request.url ?? '';
      this.requests.push(path);
      const bytes = this.files.get(path);
      response.writeHead(bytes === undefined ? 404 : 200, { 'content-length': bytes?.byteLength ?? 0 });
      response.end(bytes);
    });
  }

  static async start(): Promise<FileServer> {
    const server = new FileServer();
    server.#server.listen(0, '127.0.0.1');
    await once(server.#server, 'listening');
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}
