import { once } from 'node:events';
import { mkdtemp, rmdir } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What is given at once: as much as stays in a processor's cache. */
const PIECE_BYTES = 256 * 1024;
/** A piece with less room than this is given. */
const READ_BYTES = 64 * 1024;

/** A pipe for what a program writes. */
export type LentPipe = {
  /** For the program's standard output; the caller destroys it once the program has it. */
  readonly writeEnd: Socket;
  /** Large pieces, each of which is overwritten once the next is asked for. */
  readonly pieces: AsyncGenerator<Buffer>;
  /** Ends it: what waits for a piece gets this error. */
  fail(error: Error): void;
};

/**
 * A pipe read into the same memory again and again. Node makes a buffer for each read of the pipes of its own, and to
 * let go of those costs more processor time and memory than all that is done with what is read. Undefined where a socket
 * cannot be made, such as in a temporary folder of a long name.
 */
export async function lentPipe(): Promise<LentPipe | undefined> {
  const server = createServer({ pauseOnConnect: true });
  const reading = new Reading();
  // Nobody else reaches what is inside; both ends are there and the name is gone before anything is written.
  let folder: string | undefined;
  try {
    folder = await mkdtemp(join(tmpdir(), 'reproof-pipe-'));
    const path = join(folder, 'pipe');
    server.listen(path);
    await once(server, 'listening');
    const accepted = once(server, 'connection');
    const readEnd = connect({
      path,
      onread: { buffer: () => reading.room(), callback: (bytes) => reading.got(bytes) },
    });
    const [[writeEnd]] = await Promise.all([accepted, once(readEnd, 'connect')]);
    return {
      writeEnd: writeEnd as Socket,
      pieces: reading.pieces(readEnd),
      fail: (error) => readEnd.destroy(error),
    };
  } catch {
    return undefined;
  } finally {
    server.close();
    if (folder !== undefined) await rmdir(folder).catch(() => {});
  }
}

/** What earlier pipes were read into: a package may hold thousands of members that a program unpacks. */
const free: Buffer[] = [];
const FREE_PIECES = 8;

function freePiece(): Buffer {
  return free.pop() ?? Buffer.allocUnsafeSlow(PIECE_BYTES);
}

class Reading {
  // One is filled while the other is looked at.
  #filling = freePiece();
  #other = freePiece();
  #filled = 0;
  #ready: Buffer | undefined;
  #ended = false;
  #failure: Error | undefined;
  #wake = (): void => {};

  /** Where the next bytes go. */
  room(): Buffer {
    return this.#filling.subarray(this.#filled);
  }

  /** So many bytes came; false to read no more for now, when a piece is full and the one before may still be looked at. */
  got(bytes: number): boolean {
    this.#filled += bytes;
    if (this.#filled + READ_BYTES <= PIECE_BYTES) return true;
    this.#turn();
    this.#wake();
    return false;
  }

  async *pieces(socket: Socket): AsyncGenerator<Buffer> {
    const end = (error?: Error): void => {
      this.#ended = true;
      this.#failure ??= error;
      this.#wake();
    };
    socket
      .once('end', () => end())
      .once('close', () => end())
      .once('error', end);
    let isThrough = false;
    try {
      for (;;) {
        while (this.#ready === undefined && !this.#ended)
          await new Promise<void>((resolve) => {
            this.#wake = resolve;
          });
        if (this.#failure !== undefined) throw this.#failure;
        if (this.#ready === undefined) this.#turn();
        const piece = this.#ready as unknown as Buffer;
        if (piece.length === 0) {
          isThrough = true;
          return;
        }
        this.#ready = undefined;
        socket.resume();
        yield piece;
      }
    } finally {
      socket.destroy();
      // Who stops early may look at the last piece still; once it is closed nothing more is read into them.
      if (isThrough && socket.closed) this.#giveBack();
      else if (isThrough) socket.once('close', () => this.#giveBack());
    }
  }

  #giveBack(): void {
    if (free.length + 2 <= FREE_PIECES) free.push(this.#filling, this.#other);
  }

  #turn(): void {
    this.#ready = this.#filling.subarray(0, this.#filled);
    [this.#filling, this.#other] = [this.#other, this.#filling];
    this.#filled = 0;
  }
}
