import { constants, openSync } from 'node:fs';
import { Socket } from 'node:net';
import type { Readable } from 'node:stream';

/** A descriptor of this process by its path, as a shell's <(command) gives it. */
const OWN_DESCRIPTOR = /^\/(?:dev|proc\/self)\/fd\/(\d{1,9})$/;

/**
 * A pipe by its path as a stream. It is never waited for in a blocking call, which nothing could end: a named one is
 * opened without, and one of this process is read as it is, for opening it anew would hide that its writer has gone.
 */
export function pipeStream(path: string): Readable {
  const own = OWN_DESCRIPTOR.exec(path)?.[1];
  const fd = own === undefined ? openSync(path, constants.O_RDONLY | constants.O_NONBLOCK) : Number(own);
  return new Socket({ fd, readable: true, writable: false });
}
