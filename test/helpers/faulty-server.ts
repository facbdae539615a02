import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, normalize } from 'node:path';
import { Readable } from 'node:stream';
import { request } from 'undici';

/** Where the right bytes come from: a function that answers all by itself, files in memory by path, a folder, or another server. */
export type Source =
  | RequestListener
  | { readonly files: Readonly<Record<string, Uint8Array | string>> }
  | { readonly folder: string }
  | { readonly upstream: string };

/** What is done wrong. Offsets count in the whole file; `after` counts the body bytes of one answer. */
export type Fault =
  | { readonly kind: 'flip'; readonly offset: number }
  | { readonly kind: 'truncate'; readonly after: number }
  /** Sends nothing more after so many bytes of body, or no answer at all; the connection stays open. */
  | { readonly kind: 'stall'; readonly after: number | 'nothing' }
  | { readonly kind: 'announce'; readonly size: number }
  | { readonly kind: 'redirect'; readonly to: string; readonly status?: number }
  | { readonly kind: 'status'; readonly status: number; readonly headers?: Readonly<Record<string, string>> }
  | { readonly kind: 'header'; readonly name: string; readonly value: string }
  /** Answers the whole file with status 200 whatever range was asked for. */
  | { readonly kind: 'ignore-range' }
  /** Other bytes in the file's place. */
  | { readonly kind: 'replace'; readonly bytes: Uint8Array }
  /** Announces no size and never stops sending. */
  | { readonly kind: 'endless' };

/** A fault at the paths that match, for the next `times` requests of them (all, when not given). The first that matches counts. */
export type FaultRule = { readonly path: string | RegExp; readonly fault: Fault; readonly times?: number };

export type LoggedRequest = {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  status: number;
};

export type FaultyServer = {
  /** http://127.0.0.1:PORT, without a slash at the end. */
  readonly url: string;
  readonly requests: readonly LoggedRequest[];
  addFault(rule: FaultRule): void;
  clearFaults(): void;
  close(): Promise<void>;
};

type Found = { readonly status: number; readonly bytes: Buffer; readonly headers: Record<string, string> };

async function find(source: Exclude<Source, RequestListener>, path: string): Promise<Found> {
  if ('upstream' in source) {
    const answer = await request(source.upstream.replace(/\/$/, '') + path, {
      headers: { 'accept-encoding': 'identity' },
    });
    const headers: Record<string, string> = {};
    for (const name of ['location', 'last-modified', 'content-type']) {
      const value = answer.headers[name];
      if (typeof value === 'string') headers[name] = value;
    }
    return { status: answer.statusCode, bytes: Buffer.from(await answer.body.arrayBuffer()), headers };
  }
  const pathname = decodeURIComponent(new URL(path, 'http://127.0.0.1').pathname);
  const bytes =
    'files' in source
      ? source.files[pathname]
      : await readFile(join(source.folder, normalize(pathname))).catch(() => undefined);
  if (bytes === undefined) return { status: 404, bytes: Buffer.from('not found'), headers: {} };
  return { status: 200, bytes: Buffer.from(bytes), headers: {} };
}

function spoiled(bytes: Buffer, fault: Fault | undefined): Buffer {
  if (fault?.kind === 'replace') return Buffer.from(fault.bytes);
  if (fault?.kind !== 'flip') return bytes;
  const copy = Buffer.from(bytes);
  if (fault.offset < copy.length) copy[fault.offset] = (copy[fault.offset] ?? 0) ^ 0xff;
  return copy;
}

function* endless(): Generator<Buffer> {
  for (;;) yield Buffer.alloc(65_536, 'x');
}

async function serve(
  source: Exclude<Source, RequestListener>,
  fault: Fault | undefined,
  io: { request: IncomingMessage; response: ServerResponse },
): Promise<void> {
  const { request: asked, response } = io;
  if (fault?.kind === 'stall' && fault.after === 'nothing') return;
  if (fault?.kind === 'status') return void response.writeHead(fault.status, fault.headers).end('no');
  if (fault?.kind === 'redirect') return void response.writeHead(fault.status ?? 302, { location: fault.to }).end();
  if (fault?.kind === 'endless') return void Readable.from(endless()).pipe(response);
  const found = await find(source, asked.url ?? '/');
  const whole = spoiled(found.bytes, fault);
  // Validators are those of the right bytes: a faulty mirror does not confess.
  const etag = `"${createHash('sha256').update(found.bytes).digest('hex')}"`;
  if (found.status === 200 && asked.headers['if-none-match'] === etag)
    return void response.writeHead(304, { etag }).end();
  const from = Number(/^bytes=(\d+)-$/.exec(asked.headers.range ?? '')?.[1] ?? 0);
  const ranged = asked.headers.range !== undefined && found.status === 200 && fault?.kind !== 'ignore-range';
  if (ranged && from >= whole.length)
    return void response.writeHead(416, { 'content-range': `bytes */${whole.length}` }).end();
  const body = ranged ? whole.subarray(from) : whole;
  const headers: Record<string, string | number> = { etag, 'content-length': body.length, ...found.headers };
  if (ranged) headers['content-range'] = `bytes ${from}-${whole.length - 1}/${whole.length}`;
  if (fault?.kind === 'announce') headers['content-length'] = fault.size;
  if (fault?.kind === 'header') headers[fault.name] = fault.value;
  response.writeHead(ranged ? 206 : found.status, headers);
  if (fault?.kind === 'stall') return void response.write(body.subarray(0, Number(fault.after)));
  if (fault?.kind !== 'truncate' && fault?.kind !== 'announce') return void response.end(body);
  // The connection ends in the usual way (FIN), only too early or too late for what was announced.
  response.write(fault.kind === 'truncate' ? body.subarray(0, fault.after) : body, () => response.socket?.end());
  response.flushHeaders();
}

function takeFault(rules: { rule: FaultRule; left: number }[], path: string): Fault | undefined {
  for (const entry of rules) {
    const matches = typeof entry.rule.path === 'string' ? entry.rule.path === path : entry.rule.path.test(path);
    if (!matches || entry.left <= 0) continue;
    entry.left -= 1;
    return entry.rule.fault;
  }
  return undefined;
}

/**
 * Starts a server on 127.0.0.1 that serves `source`, with ranges and ETags, except where a fault is planted. In front of
 * another server ({ upstream }) it is that server's faulty mirror; each file then passes through memory.
 */
export async function startServer(source: Source, faults: readonly FaultRule[] = []): Promise<FaultyServer> {
  const requests: LoggedRequest[] = [];
  let rules: { rule: FaultRule; left: number }[] = [];
  const addFault = (rule: FaultRule): void => {
    rules.push({ rule, left: rule.times ?? Number.POSITIVE_INFINITY });
  };
  for (const rule of faults) addFault(rule);
  const server = createServer((asked, response) => {
    const logged: LoggedRequest = {
      method: asked.method ?? '',
      path: asked.url ?? '',
      headers: asked.headers,
      status: 0,
    };
    requests.push(logged);
    response.once('finish', () => {
      logged.status = response.statusCode;
    });
    if (typeof source === 'function') return source(asked, response);
    serve(source, takeFault(rules, asked.url ?? ''), { request: asked, response }).catch((error: unknown) => {
      response.destroy(error as Error);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    addFault,
    clearFaults() {
      rules = [];
    },
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}
