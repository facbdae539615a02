/** Bytes that can be read again from the start, as often as asked. */
export interface ByteSource {
  /** For people: what it is called, escaped. */
  readonly name: string;
  /** Bytes; undefined where only reading tells, as for a compressed file's content. */
  readonly size: number | undefined;
  open(): AsyncIterable<Uint8Array>;
}
