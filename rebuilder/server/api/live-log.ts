import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { ReproofError } from '../../../model/index.ts';
import type { LogPiece } from '../../live-logs.ts';
import { addressKey } from '../access.ts';
import type { App, ServerContext } from '../context.ts';
import { inertText } from '../inert-text.ts';
import { content, failure, idParams } from '../schemas/fields.ts';
import { there } from './packages.ts';

/** Proxies end what is silent for a minute. */
const HEARTBEAT_MILLISECONDS = 15_000;
const LARGEST_OFFSET = Number.MAX_SAFE_INTEGER;
/** Where a new follower begins: browsers send no Last-Event-ID at first. */
const fromQuery = z.strictObject({ from: z.coerce.number().int().min(0).max(LARGEST_OFFSET).default(0) });

/**
 * The log of a running build as server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html):
 * `log` with {"text"} and, as its id, the offset of the byte after it; `end` when the build ended. A follower whose
 * connection does not move for the server's idle time is cut, and goes on from its Last-Event-ID.
 */
export function registerLiveLog(app: App, context: ServerContext): void {
  const { store, liveLogs, limits } = context;
  const followers = new Map<string, number>();
  let all = 0;

  app.get(
    '/api/queue/:id/log',
    {
      onRequest: context.access.require('reader'),
      schema: {
        tags: ['queue'],
        summary: 'The log of a running build, as it grows, as server-sent events',
        params: idParams,
        querystring: fromQuery,
        response: { 200: content('text/event-stream', 'events log and end'), '4xx': failure },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      there(await store.jobs.job(id), 'a job');
      const ended = AbortSignal.any([context.stopping, closed(reply.raw)]);
      const from = readOffset(request.headers['last-event-id']) ?? request.query.from;
      const pieces = liveLogs.follow(id, { from, idleMillis: HEARTBEAT_MILLISECONDS, signal: ended });
      if (pieces === undefined)
        throw new ReproofError('RESOURCE_UNKNOWN', 'following a log: the job does not run here now');
      const address = addressKey(request);
      const mine = followers.get(address) ?? 0;
      if (all >= limits.followers || mine >= limits.followersPerAddress)
        throw new ReproofError('RATE_LIMITED', 'following a log: there are too many followers; try again later');
      followers.set(address, mine + 1);
      all += 1;
      ended.addEventListener('abort', leave, { once: true });
      reply.raw.once('close', leave);
      let left = false;
      function leave(): void {
        if (left) return;
        left = true;
        all -= 1;
        const others = (followers.get(address) ?? 1) - 1;
        if (others === 0) followers.delete(address);
        else followers.set(address, others);
      }
      const answer: FastifyReply = reply;
      return answer
        .headers({ 'cache-control': 'no-store', 'x-accel-buffering': 'no' })
        .type('text/event-stream; charset=utf-8')
        .send(Readable.from(events(pieces), { objectMode: false, highWaterMark: 16 * 1024 }));
    },
  );
}

function closed(response: { once(event: 'close', listener: () => void): unknown }): AbortSignal {
  const controller = new AbortController();
  response.once('close', () => controller.abort());
  return controller.signal;
}

function readOffset(header: string | string[] | undefined): number | undefined {
  if (header === undefined || header === '') return undefined;
  if (typeof header !== 'string' || !/^\d{1,16}$/.test(header) || Number(header) > LARGEST_OFFSET)
    throw new ReproofError('REQUEST_INVALID', 'reading Last-Event-ID: it is no offset that a log was given with');
  return Number(header);
}

const HEARTBEAT = Buffer.from(': still there\n\n');
/** Sent at once: a browser says that it is connected when the first byte comes. */
const GREETING = Buffer.from(': following\n\n');

/** By the piece that they tell: many followers get the same one. */
const told = new WeakMap<LogPiece, Buffer>();

async function* events(pieces: AsyncIterable<LogPiece>): AsyncGenerator<Buffer> {
  let offset: number | undefined;
  yield GREETING;
  for await (const piece of pieces) {
    if (piece.bytes.length === 0) yield HEARTBEAT;
    else {
      offset = piece.offset + piece.bytes.length;
      yield tell(piece, offset);
    }
  }
  yield Buffer.from(event('end', {}, offset));
}

/** Text is JSON in the events: no byte of a log ends a line of theirs. */
function tell(piece: LogPiece, offset: number): Buffer {
  const known = told.get(piece);
  if (known !== undefined) return known;
  const text = inertText(Buffer.from(piece.bytes).toString('utf8'));
  const made = Buffer.from(event('log', { text }, offset));
  told.set(piece, made);
  return made;
}

function event(name: string, data: object, id: number | undefined): string {
  return `${id === undefined ? '' : `id: ${id}\n`}event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}
