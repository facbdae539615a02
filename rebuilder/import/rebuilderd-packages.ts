import type { ListedFile, ListedSource, PackageStore, RebuilderdDatabase, RebuilderdPackage } from '../store/index.ts';

type Destination = {
  readonly store: { readonly packages: Pick<PackageStore, 'import'> };
  readonly note: (text: string) => void;
};

/** A name, version or other word of a list. */
const WORD = /^[\x21-\x7e]{1,255}$/;

/** A file of theirs, with the input that it belongs to. */
export type ListedPackage = { readonly inputId: number; readonly source: ListedSource; readonly file: ListedFile };

/** What was listed; `unreadable` rows were left out. */
export type Listed = {
  readonly sources: number;
  readonly files: readonly ListedPackage[];
  readonly filesOf: (inputId: number) => readonly ListedFile[];
  readonly unreadable: number;
};

/** One list for each distribution, release and architecture, as rebuilderd's clients send them. */
export async function importPackages(from: RebuilderdDatabase, to: Destination): Promise<Listed> {
  const files: ListedPackage[] = [];
  const byInput = new Map<number, { readonly source: ListedSource; readonly files: ListedFile[]; seen: boolean }>();
  let unreadable = 0;
  for (const row of from.packages()) {
    const file = fileOf(row);
    if (file === undefined) {
      unreadable += 1;
      to.note(`a package was left out: its name, version or address cannot be read`);
      continue;
    }
    const known = byInput.get(row.inputId) ?? { source: sourceOf(row), files: [], seen: row.seen };
    known.files.push(file);
    byInput.set(row.inputId, known);
    files.push({ inputId: row.inputId, source: known.source, file });
  }
  const profiles = Map.groupBy(byInput.values(), ({ source }) => profileOf(source));
  for (const [profile, listed] of profiles) {
    const distribution = listed[0]?.source.distribution ?? '';
    // All of it first, so that history has its packages; then what its last sync still listed.
    for (const part of [listed, listed.filter(({ seen }) => seen)])
      await to.store.packages.import(
        { profile, distribution, kind: 'whole' },
        part.map(({ source, files: own }) => ({ ...source, files: own })),
      );
  }
  return {
    sources: byInput.size,
    files,
    filesOf: (inputId) => byInput.get(inputId)?.files ?? [],
    unreadable,
  };
}

function profileOf({ distribution, release, architecture }: ListedSource): string {
  return `rebuilderd:${distribution}/${release ?? '-'}/${architecture}`;
}

function sourceOf(row: RebuilderdPackage): ListedSource {
  return {
    distribution: row.distribution,
    ...(row.release === null ? {} : { release: row.release }),
    ...(row.component === null ? {} : { component: row.component }),
    name: row.source,
    version: row.sourceVersion,
    architecture: row.inputArchitecture,
    url: row.inputUrl,
    files: [],
  };
}

function fileOf(row: RebuilderdPackage): ListedFile | undefined {
  const words = [row.source, row.sourceVersion, row.distribution, row.inputArchitecture, row.name, row.version];
  const optional = [row.release, row.component].filter((word) => word !== null);
  if (![...words, ...optional, row.architecture].every((word) => WORD.test(word))) return undefined;
  if (!URL.canParse(row.url) || !URL.canParse(row.inputUrl)) return undefined;
  const fileName = new URL(row.url).pathname.split('/').at(-1) ?? '';
  return {
    name: row.name,
    version: row.version,
    architecture: row.architecture,
    ...(row.component === null ? {} : { component: row.component }),
    url: row.url,
    fileName: decoded(fileName),
  };
}

function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

/** Our build input of each of theirs: the one that lists the same file under the same release. */
export async function inputsOf(
  packages: Pick<PackageStore, 'eachBinaryPackage'>,
  files: readonly ListedPackage[],
): Promise<ReadonlyMap<number, number>> {
  const key = (place: { distribution: string; release?: string }, file: ListedFile): string =>
    [place.distribution, place.release ?? '', file.name, file.version, file.architecture, file.url].join('\n');
  const theirs = new Map<string, number[]>();
  for (const { inputId, source, file } of files) {
    const at = key(source, file);
    theirs.set(at, [...(theirs.get(at) ?? []), inputId]);
  }
  const inputs = new Map<number, number>();
  for await (const piece of packages.eachBinaryPackage({})) {
    for (const file of piece) for (const id of theirs.get(key(file, file)) ?? []) inputs.set(id, file.buildInputId);
  }
  return inputs;
}
