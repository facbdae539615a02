/** SHA-256 (FIPS 180-4) in pieces: what a browser's own digest cannot do. */
export type Sha256Stream = {
  readonly update: (bytes: Uint8Array) => void;
  /** 64 hexadecimal digits. The stream is not used afterwards. */
  readonly digest: () => string;
};

const BLOCK = 64;
const K = constants();

/** The first 32 bits of the fractional parts of the cube roots of the first 64 primes, 4.2.2. */
function constants(): Int32Array {
  const words = new Int32Array(64);
  let found = 0;
  for (let number = 2; found < 64; number++) {
    let prime = true;
    for (let by = 2; by * by <= number && prime; by++) prime = number % by !== 0;
    if (prime) words[found++] = fraction(Math.cbrt(number));
  }
  return words;
}

function fraction(root: number): number {
  return Math.floor((root - Math.floor(root)) * 2 ** 32) | 0;
}

/** Begins one. */
export function sha256Stream(): Sha256Stream {
  const state = Int32Array.from([2, 3, 5, 7, 11, 13, 17, 19], (prime) => fraction(Math.sqrt(prime)));
  const words = new Int32Array(64);
  const rest = new Uint8Array(BLOCK);
  let held = 0;
  let length = 0;

  const update = (bytes: Uint8Array): void => {
    length += bytes.length;
    let at = 0;
    if (held > 0) {
      const taken = Math.min(BLOCK - held, bytes.length);
      rest.set(bytes.subarray(0, taken), held);
      held += taken;
      at = taken;
      if (held < BLOCK) return;
      compress(state, words, { bytes: rest, at: 0 });
      held = 0;
    }
    for (; at + BLOCK <= bytes.length; at += BLOCK) compress(state, words, { bytes, at });
    rest.set(bytes.subarray(at), 0);
    held = bytes.length - at;
  };

  return {
    update,
    digest: () => {
      const padding = new Uint8Array((held < 56 ? 56 : 120) - held + 8);
      padding[0] = 0x80;
      new DataView(padding.buffer).setBigUint64(padding.length - 8, BigInt(length) * 8n);
      update(padding);
      return [...state].map((word) => (word >>> 0).toString(16).padStart(8, '0')).join('');
    },
  };
}

/** One block, 6.2.2. */
function compress(
  state: Int32Array,
  w: Int32Array,
  { bytes, at }: { readonly bytes: Uint8Array; readonly at: number },
): void {
  for (let t = 0, i = at; t < 16; t++, i += 4)
    w[t] =
      ((bytes[i] as number) << 24) |
      ((bytes[i + 1] as number) << 16) |
      ((bytes[i + 2] as number) << 8) |
      (bytes[i + 3] as number);
  for (let t = 16; t < 64; t++) {
    const x = w[t - 15] as number;
    const y = w[t - 2] as number;
    const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
    const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
    w[t] = ((w[t - 16] as number) + s0 + (w[t - 7] as number) + s1) | 0;
  }
  let a = state[0] as number;
  let b = state[1] as number;
  let c = state[2] as number;
  let d = state[3] as number;
  let e = state[4] as number;
  let f = state[5] as number;
  let g = state[6] as number;
  let h = state[7] as number;
  for (let t = 0; t < 64; t++) {
    const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    const t1 = (h + s1 + ((e & f) ^ (~e & g)) + (K[t] as number) + (w[t] as number)) | 0;
    const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + t1) | 0;
    d = c;
    c = b;
    b = a;
    a = (t1 + t2) | 0;
  }
  state[0] = ((state[0] as number) + a) | 0;
  state[1] = ((state[1] as number) + b) | 0;
  state[2] = ((state[2] as number) + c) | 0;
  state[3] = ((state[3] as number) + d) | 0;
  state[4] = ((state[4] as number) + e) | 0;
  state[5] = ((state[5] as number) + f) | 0;
  state[6] = ((state[6] as number) + g) | 0;
  state[7] = ((state[7] as number) + h) | 0;
}
