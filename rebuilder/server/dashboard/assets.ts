import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { stripTypeScriptTypes } from 'node:module';
import { join } from 'node:path';

/** A file that pages name, by its content: it never changes. `body` is text. */
export type Asset = { readonly type: string; readonly body: string };

/** All assets by file name (NAME-HASH.css), and which name each has. */
export type Assets = {
  readonly files: ReadonlyMap<string, Asset>;
  readonly stylesheet: string;
  readonly icon: string;
  /** File names by island. */
  readonly islands: Readonly<Record<string, string>>;
};

const HASH_CHARACTERS = 16;
/** These come first, in this order: later files build on them. */
const FIRST = ['tokens.css', 'base.css', 'layout.css', 'parts.css'];
const IMPORT = /(\bfrom\s*|\bimport\s*\(?\s*)(['"])\.\/([a-z0-9-]+)\.[tj]s\2/g;

/**
 * Reads and names all assets of a folder (style/*.css, islands/*.ts or .js, icon.svg). Sources have their types taken
 * out; nothing else is done to them. Throws where an island imports what is not there, or in a circle.
 */
export async function readAssets(folder: string): Promise<Assets> {
  const files = new Map<string, Asset>();
  const keep = (name: string, extension: string, asset: Asset): string => {
    const hash = createHash('sha256').update(asset.body).digest('hex').slice(0, HASH_CHARACTERS);
    const file = `${name}-${hash}.${extension}`;
    files.set(file, asset);
    return file;
  };
  const stylesheet = keep('reproof', 'css', { type: 'text/css; charset=utf-8', body: await readStyle(folder) });
  const icon = await readFile(join(folder, 'style', 'icon.svg'), 'utf8');
  const sources = await readIslands(folder);
  const islands: Record<string, string> = {};
  const add = (name: string, path: readonly string[]): string => {
    const known = islands[name];
    if (known !== undefined) return known;
    const source = sources.get(name);
    if (source === undefined || path.includes(name))
      throw new Error(`reading islands: ${[...path, name].join(' -> ')} cannot be imported`);
    const body = source.replace(
      IMPORT,
      (_match, before: string, quote: string, other: string) =>
        `${before}${quote}./${add(other, [...path, name])}${quote}`,
    );
    const file = keep(name, 'js', { type: 'text/javascript; charset=utf-8', body });
    islands[name] = file;
    return file;
  };
  for (const name of sources.keys()) add(name, []);
  return { files, stylesheet, icon: keep('icon', 'svg', { type: 'image/svg+xml', body: icon }), islands };
}

async function readStyle(folder: string): Promise<string> {
  const names = (await readdir(join(folder, 'style'))).filter((name) => name.endsWith('.css')).sort();
  const ordered = [...FIRST.filter((name) => names.includes(name)), ...names.filter((name) => !FIRST.includes(name))];
  const texts = await Promise.all(ordered.map((name) => readFile(join(folder, 'style', name), 'utf8')));
  return texts.map((text) => text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/\n\s*/g, '\n')).join('\n');
}

/** Islands by name, sorted, without types. In an installed package they are .js already. */
async function readIslands(folder: string): Promise<ReadonlyMap<string, string>> {
  const names = (await readdir(join(folder, 'islands'))).filter((name) => /^[a-z0-9-]+\.[tj]s$/.test(name)).sort();
  const sources = new Map<string, string>();
  for (const name of names) {
    const text = await readFile(join(folder, 'islands', name), 'utf8');
    const script = name.endsWith('.ts') ? stripTypeScriptTypes(text) : text;
    sources.set(name.slice(0, -'.ts'.length), script.replace(/[ \t]+$/gm, ''));
  }
  return sources;
}
