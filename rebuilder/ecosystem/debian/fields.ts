import type { Paragraph } from '../../../formats/index.ts';
import { type FileDigest, isSha256 } from '../../../model/index.ts';

// Debian policy 5.6.1 for source names; binaries follow the same rule (5.6.7).
const PACKAGE_NAME = /^[a-z0-9][a-z0-9+.-]{1,127}$/;
// dpkg-architecture(1) names; also "all".
const ARCHITECTURE = /^[a-z0-9][a-z0-9-]{0,63}$/;
// What becomes the name of a file: no folder, nothing a program could take for an option, nothing hidden.
const FILE_NAME = /^[A-Za-z0-9][A-Za-z0-9.+~_%:=@,-]{0,254}$/;
const MAX_FILES = 10_000;

/** True for a name Debian policy 5.6.1 allows. */
export function isPackageName(text: string): boolean {
  return PACKAGE_NAME.test(text);
}

/** True for what may stand as an architecture: amd64, all, hurd-i386. */
export function isArchitecture(text: string): boolean {
  return ARCHITECTURE.test(text);
}

/** True for a base name that is safe to lie in a folder of ours. */
export function isFileName(text: string): boolean {
  return FILE_NAME.test(text);
}

/** How a reader refuses a document: by field, with the line where there is one. Never returns. */
export type Refuse = (field: string, why: string) => never;

/** A field's value on one line. Refuses when it is absent or empty. */
export function required(paragraph: Paragraph, field: string, refuse: Refuse): string {
  const value = paragraph.get(field);
  return value === undefined || value === '' ? refuse(field, 'it is missing') : value;
}

/** The lines of Checksums-Sha256: digest, size, base name. Refuses names that are not base names, and a name given twice. */
export function checksums(paragraph: Paragraph, refuse: Refuse): readonly FileDigest[] {
  const field = 'Checksums-Sha256';
  const lines = (paragraph.lines(field) ?? refuse(field, 'it is missing')).filter((line) => line.trim() !== '');
  if (lines.length > MAX_FILES) refuse(field, `it names more than ${MAX_FILES} files`);
  const files = lines.map((line) => {
    const [sha256 = '', size = '', name = '', ...rest] = line.trim().split(/[ \t]+/);
    if (rest.length > 0 || !isSha256(sha256)) refuse(field, 'a line is not "SHA-256 SIZE NAME"');
    if (!/^(0|[1-9][0-9]{0,14})$/.test(size)) refuse(field, 'a size is not a number of bytes');
    if (!isFileName(name)) refuse(field, `${JSON.stringify(name.slice(0, 80))} is not the base name of a file`);
    return { name, size: Number(size), sha256 };
  });
  if (new Set(files.map((file) => file.name)).size !== files.length) refuse(field, 'it names a file twice');
  return files;
}

/** "name" or "name (version)", as Source fields have it. Undefined where it is neither. */
export function sourceField(text: string): { readonly name: string; readonly version: string | undefined } | undefined {
  const match = /^([^\s()]+)(?:\s+\(([^\s()]+)\))?$/.exec(text.trim());
  return match?.[1] === undefined || !isPackageName(match[1]) ? undefined : { name: match[1], version: match[2] };
}
