import { ReproofError } from '../model/index.ts';

/** A library of a symbols file: what depends on it, in words for people, and its symbols with the version that has them. */
export type DebLibrary = {
  readonly soname: string;
  /** The dependency that symbols stand for by default, then those that `| ` adds. */
  readonly dependencies: readonly string[];
  /** `* Build-Depends-Package: x` and the like. */
  readonly fields: readonly string[];
  readonly symbols: readonly DebSymbol[];
};

/** `version` is the first one that has the symbol, with the number of a dependency behind it where that is not 0. */
export type DebSymbol = { readonly name: string; readonly version: string };

/**
 * The libraries of a package's symbols file, deb-symbols(5), in order. Throws FORMAT_MALFORMED (context `line`) for what
 * is none; FORMAT_LIMIT past `limit` symbols.
 */
export function readDebSymbols(text: string, limit: number): readonly DebLibrary[] {
  const libraries: { soname: string; dependencies: string[]; fields: string[]; symbols: DebSymbol[] }[] = [];
  let count = 0;
  for (const [index, line] of text.split('\n').entries()) {
    if (line === '' || line.startsWith('#')) continue;
    const library = libraries.at(-1);
    const symbol = /^ (\S+) (\S+(?: \d+)?)$/.exec(line);
    const header = /^([^\s|*]\S*) (\S.*)$/.exec(line);
    if (header !== null) {
      libraries.push({ soname: header[1] ?? '', dependencies: [header[2] ?? ''], fields: [], symbols: [] });
    } else if (library === undefined) throw malformed(index + 1);
    else if (symbol !== null) {
      if (++count > limit)
        throw new ReproofError('FORMAT_LIMIT', `reading symbols file: more than ${limit} symbols`, {
          context: { limit },
        });
      library.symbols.push({ name: symbol[1] ?? '', version: symbol[2] ?? '' });
    } else if (line.startsWith('| ')) library.dependencies.push(line.slice(2));
    else if (line.startsWith('* ')) library.fields.push(line.slice(2));
    else throw malformed(index + 1);
  }
  return libraries;
}

function malformed(line: number): ReproofError {
  return new ReproofError('FORMAT_MALFORMED', `reading line ${line} of symbols file`, { context: { line } });
}
