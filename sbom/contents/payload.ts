import { hash } from 'node:crypto';
import { sortedBy } from '../order.ts';
import type { PayloadFile } from '../types.ts';

/** A file of a payload; `occurrence` is 1 but for what an archive holds under one name again. */
export type DistinctFile = { readonly file: PayloadFile; readonly occurrence: number };

/** The files of a payload by path, and those of one path by content: in an order that the archive has no say in. */
export function distinctFiles(files: readonly PayloadFile[]): readonly DistinctFile[] {
  const sorted = sortedBy(files, (file) => `${file.path}\0${file.kind === 'file' ? file.sha256 : file.target}`);
  let occurrence = 0;
  return sorted.map((file, index) => {
    occurrence = sorted[index - 1]?.path === file.path ? occurrence + 1 : 1;
    return { file, occurrence };
  });
}

/** The package verification code of SPDX 2.3 section 7.9: of the SHA-1 of all files, sorted. */
export function verificationCode(files: readonly PayloadFile[]): string {
  const digests = files.flatMap((file) => (file.kind === 'file' ? [file.sha1] : []));
  return hash('sha1', digests.sort().join(''), 'hex');
}
