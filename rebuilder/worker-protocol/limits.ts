/** Upper limits that a server holds workers to. Sizes in bytes, times in seconds. */
export type WorkerLimits = {
  /** Of a JSON message. */
  readonly messageBytes: number;
  /** Of one appended piece of a log. */
  readonly logPieceBytes: number;
  /** Of all that one build's live log may have. */
  readonly logBytes: number;
  /** Of one blob, and of all blobs of one lease. */
  readonly blobBytes: number;
  readonly leaseBlobBytes: number;
  /** Of what a worker says of how it built. */
  readonly testimonyBytes: number;
  /** Longest wait for a job in one request. */
  readonly claimSeconds: number;
  /** How long a lease lasts after each sign of life. */
  readonly leaseSeconds: number;
};

export const WORKER_LIMITS: WorkerLimits = {
  messageBytes: 8 * 1024 ** 2,
  logPieceBytes: 256 * 1024,
  logBytes: 1024 ** 3,
  blobBytes: 16 * 1024 ** 3,
  leaseBlobBytes: 64 * 1024 ** 3,
  testimonyBytes: 4 * 1024 ** 2,
  claimSeconds: 30,
  leaseSeconds: 120,
};
