/** Bytes of a file at `offset`; fewer only at its end. */
export type ReadBytes = (offset: number, size: number) => Buffer;
