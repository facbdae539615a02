import { isReproofError, ReproofError } from '../../../model/index.ts';
import type { ListedSource } from '../../store/packages/types.ts';
import type { ListContext, ListRequest, OpenedList, PublishedList } from '../types.ts';
import { BuildGroups } from './group-builds.ts';
import { type IndexFile, type IndexRequest, indexPath, openIndex } from './index-file.ts';
import { listPackages } from './package-list.ts';
import { openSuite, type VerifiedSuite } from './release.ts';

/** One index of a request: `beside` are those of debug symbols, which only go with what the suite itself holds. */
type ChosenIndex = {
  readonly suite: VerifiedSuite;
  readonly request: IndexRequest;
  readonly beside: boolean;
};

/** The indices of one suite that is asked for, and those of its debug suite. */
type Chosen = { readonly suite: VerifiedSuite; readonly indices: readonly ChosenIndex[] };

/** Indices are read again for each part of the sources, so that memory does not grow with the archive. */
const BYTES_A_PART = 192 * 1024 * 1024;

/**
 * Opens suites to list what they publish: only their Release files are read, and verified, until `sources` is iterated.
 * Throws TARGET_UNKNOWN where a suite or an architecture is not there, and as openSuite.
 */
export async function openList(request: ListRequest, context: ListContext): Promise<PublishedList> {
  const chosen: Chosen[] = [];
  const notes: string[] = [];
  for (const name of request.suites) {
    const suite = await open(name, context);
    const debug = request.debug ? await open(`${suite.suite}-debug`, context) : undefined;
    chosen.push({ suite, indices: chooseIndices(request, suite, debug) });
    notes.push(...suite.notes);
  }
  return {
    parts: chosen.flatMap(({ indices }) => indices.map(partOf)),
    dates: Object.fromEntries(
      chosen
        .flatMap(({ indices }) => indices.map(({ suite }) => suite))
        .map((suite) => [suite.suite, suite.release.date] as const),
    ),
    notes,
    open: () => openIndices(chosen, request, context),
  };
}

async function open(name: string, context: ListContext): Promise<VerifiedSuite> {
  const { fetcher, mirrors, keyring, allowExpired, now, signal } = context;
  const known = {
    debian: mirrors.debian,
    'debian-security': mirrors['debian-security'],
    'debian-debug': mirrors['debian-debug'],
  };
  try {
    return await openSuite({ fetcher, mirrors: known, suite: name, keyring, allowExpired, now, signal });
  } catch (error) {
    if (!isReproofError(error, 'FETCH_NOT_FOUND')) throw error;
    const message = `looking for suite ${name}: the mirror has none of that name (${error.message})`;
    throw new ReproofError('TARGET_UNKNOWN', message, { context: { suite: name }, cause: error });
  }
}

function chooseIndices(
  { architectures, components, installer }: ListRequest,
  suite: VerifiedSuite,
  debug: VerifiedSuite | undefined,
): readonly ChosenIndex[] {
  const of = (from: VerifiedSuite, beside: boolean): readonly ChosenIndex[] =>
    components
      .flatMap((component) =>
        architectures.flatMap((architecture) => [
          { component, kind: { packages: architecture } },
          ...(installer && !beside ? [{ component, kind: { packages: architecture }, debianInstaller: true }] : []),
        ]),
      )
      .filter((request) => from.release.files.has(indexPath(request)))
      .map((request) => ({ suite: from, request, beside }));
  for (const architecture of architectures) {
    const has = of(suite, false).some(({ request }) => isOf(request, architecture));
    if (has || (architecture === 'all' && architectures.length > 1)) continue;
    const message = `opening suite ${suite.suite}: it has no packages of architecture ${architecture} in ${components.join(', ')}`;
    throw new ReproofError('TARGET_UNKNOWN', message, { context: { suite: suite.suite } });
  }
  return [...of(suite, false), ...(debug === undefined ? [] : of(debug, true))];
}

function isOf({ kind }: IndexRequest, architecture: string): boolean {
  return kind !== 'sources' && kind.packages === architecture;
}

function partOf({ suite, request }: ChosenIndex): PublishedList['parts'][number] {
  const path = indexPath(request);
  const entry = suite.release.files.get(path);
  return { suite: suite.suite, path, sha256: entry?.sha256 ?? '', baseUrl: suite.baseUrl };
}

type Opened = { readonly file: IndexFile; readonly beside: boolean; readonly baseUrl: string };
type OpenedSuite = { readonly suite: VerifiedSuite; readonly indices: readonly Opened[] };

async function openIndices(chosen: readonly Chosen[], request: ListRequest, context: ListContext): Promise<OpenedList> {
  const suites: OpenedSuite[] = [];
  const notes: string[] = [];
  for (const { suite, indices } of chosen) {
    const opened = await Promise.all(indices.map((index) => openOne(index, request, { context, notes })));
    suites.push({ suite, indices: opened.filter((index) => index !== undefined) });
  }
  return { complete: notes.length === 0, notes: notes.sort(), sources: readAll(suites, request, context) };
}

/**
 * Opens an index. That of architecture `all` may be passed over where the Release file says that the others repeat it: they
 * do, but for what is out of date or of no use on their machines, and a mirror may be late with it alone.
 */
async function openOne(
  { suite, request, beside }: ChosenIndex,
  { architectures }: ListRequest,
  { context, notes }: { readonly context: ListContext; readonly notes: string[] },
): Promise<Opened | undefined> {
  try {
    const file = (await openIndex(suite, request, context)) as IndexFile;
    return { file, beside, baseUrl: suite.baseUrl };
  } catch (error) {
    const isRepeated = isOf(request, 'all') && suite.release.repeatsAll && architectures.some((name) => name !== 'all');
    if (!isRepeated || !isReproofError(error, 'FETCH_NOT_FOUND', 'FETCH_SIZE_MISMATCH', 'FETCH_DIGEST_MISMATCH'))
      throw error;
    notes.push(`${indexPath(request)} of ${suite.suite} could not be had, and was passed over: ${error.message}`);
    return undefined;
  }
}

async function* readAll(
  suites: readonly OpenedSuite[],
  request: ListRequest,
  context: ListContext,
): AsyncGenerator<ListedSource> {
  for (const { suite, indices } of suites) {
    const bytes = indices.reduce((sum, { file }) => sum + file.size, 0);
    const parts = Math.max(1, Math.ceil(bytes / BYTES_A_PART));
    for (let part = 0; part < parts; part++) {
      const wants = (source: string): boolean => parts === 1 || partOfSource(source, parts) === part;
      const groups = await gather(indices, { wants, suite, request, context });
      for (const build of groups.builds()) yield { distribution: 'debian', release: suite.suite, ...build };
    }
  }
}

/** Which part a source belongs to: FNV-1a of its name, http://www.isthe.com/chongo/tech/comp/fnv/. */
function partOfSource(source: string, parts: number): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < source.length; at++) hash = Math.imul(hash ^ source.charCodeAt(at), 0x01000193);
  return (hash >>> 0) % parts;
}

async function gather(
  opened: readonly Opened[],
  {
    wants,
    suite,
    request,
    context,
  }: {
    readonly wants: (source: string) => boolean;
    readonly suite: VerifiedSuite;
    readonly request: ListRequest;
    readonly context: ListContext;
  },
): Promise<BuildGroups> {
  const architectures = new Set(request.architectures);
  const groups = new BuildGroups(request.architectures, (why) => {
    throw new ReproofError('INDEX_MALFORMED', `reading the indices of ${suite.suite}: ${why}`);
  });
  const texts = new Map<string, string>();
  for (const { file, beside, baseUrl } of opened) {
    const place = { component: file.component, baseUrl };
    for await (const lines of listPackages(file, wants)) {
      context.signal.throwIfAborted();
      for (const line of lines) {
        if (!architectures.has(line.architecture)) continue;
        const { architecture, maintainer } = line;
        const own = { ...line, architecture: shared(texts, architecture), maintainer: shared(texts, maintainer) };
        if (beside) groups.addBeside(own, place);
        else groups.add(own, place);
      }
    }
  }
  return groups;
}

/** One string for equal ones: thousands of packages have the same maintainer. */
function shared<Text extends string | undefined>(known: Map<string, string>, text: Text): Text {
  if (text === undefined) return text;
  const there = known.get(text);
  if (there !== undefined) return there as Text;
  known.set(text, text);
  return text;
}
