import { canonicalJson, type Sha256, sha256Of } from '../../../model/index.ts';
import type { ListedSource } from './types.ts';

/**
 * What makes a listed source the same input wherever it is listed: its name, version and architecture with the name and
 * content of each file. Where a file's content is not known, the address of its .buildinfo and the architecture; without
 * one either, the files' addresses. The order of files does not matter, nor does one listed twice.
 */
export function inputKey({ distribution, name, version, architecture, url, files }: ListedSource): Sha256 {
  if (files.every((file) => file.sha256 !== undefined)) {
    const contents = Object.fromEntries(files.map((file) => [file.fileName, file.sha256]));
    return sha256Of(canonicalJson({ distribution, source: name, version, architecture, files: contents }));
  }
  if (url !== undefined) return sha256Of(canonicalJson({ distribution, url, architecture }));
  const addresses = [...new Set(files.map((file) => file.url))].sort();
  return sha256Of(canonicalJson({ distribution, source: name, version, architecture, addresses }));
}
