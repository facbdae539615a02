import type { ListedFile, ListedSource } from '../../store/packages/types.ts';
import type { PackageLine } from './package-list.ts';

/** Where an index's files are. */
export type Place = { readonly component: string; readonly baseUrl: string };

/** What one build of a source version on one machine architecture gives; the architecture is `all` where nothing else does. */
export type Build = Pick<ListedSource, 'component' | 'name' | 'version' | 'maintainer' | 'architecture' | 'files'>;

/** Why two lists of one suite cannot both be right. */
export type Refuse = (why: string) => never;

type Group = {
  readonly name: string;
  readonly version: string;
  readonly component: string;
  readonly maintainer: string | undefined;
  readonly files: ListedFile[];
  /** Of the files by address, once there are many. */
  byUrl: Map<string, ListedFile> | undefined;
};

const BIN_NMU = /\+b([1-9][0-9]{0,8})$/;
const FEW = 32;

/**
 * Gathers the files of a suite into the builds they come from, whatever order they are told in:
 * - files of one source version and one machine architecture are one build; a binNMU changes the binaries' version and not
 *   the source's, and those that were rebuilt a different number of times are builds of their own;
 * - files of architecture `all` come out of the same build as those of the first of `architectures` that has files of the
 *   same source version, of the lowest binNMU there is; alone they are a build of architecture `all`.
 */
export class BuildGroups {
  readonly #architectures: readonly string[];
  readonly #refuse: Refuse;
  /** By NAME, a blank, VERSION. */
  readonly #groups = new Map<string, Group>();

  constructor(architectures: readonly string[], refuse: Refuse) {
    this.#architectures = architectures.filter((architecture) => architecture !== 'all');
    this.#refuse = refuse;
  }

  /** Adds a file once: indices of machine architectures repeat the files of architecture `all`. */
  add(line: PackageLine, place: Place): void {
    const key = `${line.source} ${line.sourceVersion}`;
    const group = this.#groups.get(key);
    const file = listedFile(line, place);
    if (group !== undefined) this.#addTo(group, file);
    else
      this.#groups.set(key, {
        name: line.source,
        version: line.sourceVersion,
        component: place.component,
        maintainer: line.maintainer,
        files: [file],
        byUrl: undefined,
      });
  }

  /** Adds a file only where something of its source version is there already: debug symbols of what a suite holds. */
  addBeside(line: PackageLine, place: Place): void {
    const group = this.#groups.get(`${line.source} ${line.sourceVersion}`);
    if (group !== undefined) this.#addTo(group, listedFile(line, place));
  }

  /** The builds, once: each is let go when it was given. */
  *builds(): Generator<Build> {
    for (const [key, group] of this.#groups) {
      this.#groups.delete(key);
      yield* buildsOf(group, this.#architectures);
    }
  }

  #addTo(group: Group, file: ListedFile): void {
    if (group.files.length === FEW) group.byUrl = new Map(group.files.map((each) => [each.url, each]));
    const there = group.byUrl?.get(file.url) ?? group.files.slice(0, FEW).find((each) => each.url === file.url);
    if (there === undefined) {
      group.files.push(file);
      group.byUrl?.set(file.url, file);
    } else if (there.sha256 !== file.sha256 || there.size !== file.size)
      this.#refuse(`${file.fileName} is listed twice, with two contents`);
  }
}

function listedFile(line: PackageLine, { component, baseUrl }: Place): ListedFile {
  const { name, version, architecture, path, sha256, size } = line;
  const fileName = path.slice(path.lastIndexOf('/') + 1);
  return { name, version, architecture, component, url: `${baseUrl}/${path}`, fileName, sha256, size };
}

function* buildsOf(group: Group, architectures: readonly string[]): Generator<Build> {
  const { name, version, component, maintainer } = group;
  const build = (architecture: string, files: readonly ListedFile[]): Build => ({
    component,
    name,
    version,
    ...(maintainer === undefined ? {} : { maintainer }),
    architecture,
    files,
  });
  const byArchitecture = Map.groupBy(group.files, (file) => file.architecture);
  let everywhere = byArchitecture.get('all') ?? [];
  for (const architecture of architectures) {
    const own = byArchitecture.get(architecture) ?? [];
    const byNumber = Map.groupBy(own, (file) => binNmuNumber(file.version, version));
    for (const [, files] of [...byNumber].sort(([left], [right]) => left - right)) {
      yield build(architecture, [...files, ...everywhere]);
      everywhere = [];
    }
  }
  if (everywhere.length > 0) yield build('all', everywhere);
}

/** How often a package was rebuilt without a change of its source: 0 where its version is the source's own. */
function binNmuNumber(version: string, sourceVersion: string): number {
  return version === sourceVersion ? 0 : Number(BIN_NMU.exec(version)?.[1] ?? 0);
}
