import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import { ReproofError, type Sha256 } from '../../model/index.ts';
import type { BlobStore } from '../store/index.ts';
import { IMMUTABLE } from './answers.ts';
import { inertBytes } from './inert-text.ts';
import { unpacked } from './unpacked.ts';

export type BlobAnswer = {
  readonly sha256: Sha256 | undefined;
  /** With its charset, where it is text. */
  readonly type: string;
  /** How it is sent: as it is; unpacked; or unpacked and harmless to look at. */
  readonly as: 'stored' | 'unpacked' | 'inert';
};

/**
 * Answers with a blob, as a stream whose digest is checked on the way: a damaged one breaks off. Its address names what
 * never changes, so that it may be kept. Throws RESOURCE_UNKNOWN where there is none (any more).
 */
export async function sendBlob(blobs: BlobStore, reply: FastifyReply, answer: BlobAnswer): Promise<FastifyReply> {
  const { sha256, type, as } = answer;
  if (sha256 === undefined || (await blobs.path(sha256)) === undefined)
    throw new ReproofError('RESOURCE_UNKNOWN', 'reading what is kept of a rebuild: there is none, or none any more');
  reply.headers({ etag: `"${sha256}${as === 'inert' ? '-text' : ''}"`, 'cache-control': IMMUTABLE }).type(type);
  const stored = blobs.read(sha256);
  const bytes = as === 'stored' ? stored : as === 'unpacked' ? unpacked(stored) : inertBytes(unpacked(stored));
  return reply.send(Readable.from(bytes, { objectMode: false }));
}

export { unpacked };
