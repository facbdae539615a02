import { type KeyObject, randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { type Dispatcher, request } from 'undici';
import type { z } from 'zod';
import { isReproofError, ReproofError, type Sha256, sha256Of } from '../../model/index.ts';
import { signRequest } from '../signed-request/index.ts';
import { answerFailure, connectionFailure } from './failure.ts';
import { silenceWatch } from './silence.ts';

/** A request to a server. `path` is under its address, and begins with a slash. */
export type Order<T> = {
  /** Begins the message of any error, such as "claiming a job". */
  readonly doing: string;
  readonly method: 'POST' | 'PUT';
  readonly path: string;
  readonly body:
    | { readonly kind: 'json'; readonly value: unknown }
    | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
    | {
        readonly kind: 'stream';
        readonly sha256: Sha256;
        readonly size: number;
        readonly open: () => AsyncIterable<Uint8Array>;
      };
  /** What the answer has to be. */
  readonly answer: z.ZodType<T>;
  readonly signal: AbortSignal;
  /** How long the server may be silent. 30 when not given. */
  readonly silentSeconds?: number;
};

/** A server, as this worker's key speaks to it. */
export interface Connection {
  /**
   * One signed request, tried once. Throws what the server refused it with by the server's code; SERVER_UNAVAILABLE when there
   * was no answer or none of ours; INTERRUPTED when the signal came first. `context.passes` when the same request may
   * succeed later, with `context.retryAfterMillis` where the server said when.
   */
  send<T>(order: Order<T>): Promise<T>;
  close(): Promise<void>;
}

const ANSWER_BYTES = 64 * 1024 * 1024;

/** Opens the way to a server. `base` is its address without a slash at the end; the dispatcher is closed with it. */
export function openConnection(options: {
  readonly base: string;
  readonly key: KeyObject;
  readonly dispatcher: Dispatcher;
  /** The clock, for tests. */
  readonly now?: () => Date;
}): Connection {
  const now = options.now ?? (() => new Date());
  return {
    send: async (order) => {
      const body = bodyOf(order.body);
      const url = new URL(`${options.base}${order.path}`);
      const target = `${url.pathname}${url.search}`;
      const signature = signRequest(
        { method: order.method, target, bodySha256: body.sha256 },
        options.key,
        // Each try is another request: a nonce is taken once.
        { created: Math.floor(now().getTime() / 1000), nonce: randomBytes(18).toString('base64url') },
      );
      const watch = silenceWatch(order.signal, (order.silentSeconds ?? 30) * 1000);
      try {
        const answer = await request(url, {
          method: order.method,
          dispatcher: options.dispatcher,
          headers: {
            ...signature,
            'content-type': body.type,
            'content-length': String(body.size),
            accept: 'application/json',
          },
          body: body.open(watch.alive),
          signal: watch.signal,
        });
        const text = await readText(answer.body, watch.alive);
        if (answer.statusCode !== 200) throw answerFailure(order.doing, { ...answer, text, now: now().getTime() });
        return parseAnswer(order, text);
      } catch (error) {
        throw isReproofError(error) ? error : connectionFailure(order.doing, error, watch.reason());
      } finally {
        watch.end();
      }
    },
    close: () => options.dispatcher.close(),
  };
}

type Body = {
  readonly type: string;
  readonly size: number;
  readonly sha256: Sha256;
  readonly open: (alive: () => void) => Uint8Array | Readable;
};

function bodyOf(body: Order<unknown>['body']): Body {
  if (body.kind === 'stream')
    return {
      type: 'application/octet-stream',
      size: body.size,
      sha256: body.sha256,
      open: (alive) => Readable.from(watched(body.open(), alive), { objectMode: false }),
    };
  const bytes = body.kind === 'json' ? Buffer.from(JSON.stringify(body.value)) : body.bytes;
  return {
    type: body.kind === 'json' ? 'application/json' : 'application/octet-stream',
    size: bytes.length,
    sha256: sha256Of(bytes),
    open: () => bytes,
  };
}

async function* watched(chunks: AsyncIterable<Uint8Array>, alive: () => void): AsyncGenerator<Uint8Array, void> {
  for await (const chunk of chunks) {
    alive();
    yield chunk;
  }
}

async function readText(body: AsyncIterable<Uint8Array>, alive: () => void): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    alive();
    size += chunk.length;
    if (size > ANSWER_BYTES) throw new Error(`the answer is longer than ${ANSWER_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parseAnswer<T>(order: Order<T>, text: string): T {
  try {
    return order.answer.parse(JSON.parse(text));
  } catch (cause) {
    throw new ReproofError(
      'SERVER_UNAVAILABLE',
      `${order.doing}: the answer is not as docs/worker-protocol.md describes it`,
      {
        context: { passes: true },
        cause,
      },
    );
  }
}
