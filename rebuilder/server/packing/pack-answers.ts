import { negotiate } from '@fastify/accept-negotiator';
import compress from '@fastify/compress';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { App, ServerLog } from '../context.ts';
import { openPacker, type Packer } from './open-packer.ts';
import { BROTLI_OPTIONS, CODINGS, type Coding } from './pack.ts';

/** What becomes shorter: text but streams of events, JSON, XML, and bytes of no kind. */
const PACKABLE = /^text\/(?!event-stream)|[+/](?:json|text|xml)(?:;|$)|octet-stream(?:;|$)/u;
/** Of shorter answers a packet stays a packet. */
const LEAST_BYTES = 1024;

/** Packs answers as it is asked for: whole bodies in a thread of its own, streams as they come. Those packed already are left. */
export async function packAnswers(app: App, log: ServerLog, packer = openPacker()): Promise<void> {
  app.addHook('onClose', async () => packer.close());
  const pack: Packer['pack'] = async (bytes, coding) => {
    try {
      return await packer.pack(bytes, coding);
    } catch (error) {
      log({ level: 'warn', message: 'packing an answer in its thread failed', facts: { error: String(error) } });
      return undefined;
    }
  };
  app.addHook('onSend', (request, reply, payload) => packWhole({ request, reply, pack }, payload));
  await app.register(compress, {
    encodings: [...CODINGS],
    threshold: LEAST_BYTES,
    customTypes: PACKABLE,
    brotliOptions: BROTLI_OPTIONS,
    // Bodies are unpacked in body.ts, within limits.
    globalDecompression: false,
  });
}

type Answer = { readonly request: FastifyRequest; readonly reply: FastifyReply; readonly pack: Packer['pack'] };

async function packWhole({ request, reply, pack }: Answer, payload: unknown): Promise<unknown> {
  if (!Buffer.isBuffer(payload) || payload.length < LEAST_BYTES) return payload;
  if (reply.hasHeader('content-encoding') || reply.statusCode === 206) return payload;
  if (!PACKABLE.test(String(reply.getHeader('content-type') ?? 'application/json'))) return payload;
  const coding = codingAsked(request);
  if (coding === null) return payload;
  // Without the thread it is packed by what packs streams.
  const packed = await pack(payload, coding);
  if (packed === undefined) return payload;
  const varies = [reply.getHeader('vary') ?? []].flat().join(', ');
  if (!varies.includes('accept-encoding'))
    reply.header('vary', varies === '' ? 'accept-encoding' : `${varies}, accept-encoding`);
  reply.headers({ 'content-encoding': coding, 'content-length': packed.length });
  return Buffer.from(packed.buffer);
}

/** The best coding of those asked for; x-gzip is gzip, RFC 9110 8.4.1.3. */
function codingAsked({ headers }: FastifyRequest): Coding | null {
  const asked = String(headers['accept-encoding'] ?? '').toLowerCase();
  return asked === '' ? null : negotiate(asked.replace(/^\*$|x-gzip/gu, 'gzip'), [...CODINGS]);
}
