import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './cruise.ts';

/** A file of ours: its path from the root, and its text. */
export type Source = { readonly path: string; readonly text: string };

/** Folders that are made, fetched or git's own, by path from the root. */
const NOT_OURS = new Set(['.git', '.cache', 'node_modules', '.ci/node/node_modules', 'dist', 'coverage']);
const TEXT = /(?:\.(?:ts|json|md|sh|yaml|yml|js|cjs|mjs)|\/[^./]+|^[^./]+|\/\.?[a-z]+ignore)$/;

/** Reads every text file of ours below the root, sorted by path. Links are not followed. */
export function readSources(): readonly Source[] {
  const sources: Source[] = [];
  const visit = (folder: string): void => {
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (NOT_OURS.has(path)) continue;
      if (entry.isDirectory()) visit(path);
      else if (entry.isFile() && TEXT.test(path)) sources.push({ path, text: readFileSync(join(root, path), 'utf8') });
    }
  };
  visit('');
  return sources.sort((left, right) => (left.path < right.path ? -1 : 1));
}
