import { z } from 'zod';
import { CONTROL_PAIR, isReproofError, type RebuildRecord, ReproofError, type Sha256 } from '../../model/index.ts';
import type { Result, StoredArtifact } from '../store/results/types.ts';
import type { ServerContext } from './context.ts';
import type { DifferenceReader, TextReader } from './pieces/index.ts';

/** One tree of differences of a rebuild, by the name it has in addresses. */
export type RebuildTree = {
  readonly tree: string;
  readonly fileName: string;
  readonly between: 'published and rebuilt' | 'two rebuilds';
  /** A foreign worker gives a text in place of a tree. */
  readonly form: 'tree' | 'text';
  readonly artifactId?: number;
  readonly published?: StoredArtifact['published'];
  readonly rebuilt?: StoredArtifact['rebuilt'];
  readonly place: { readonly sha256: Sha256; readonly kind: 'tree' | 'record' | 'text'; readonly index: number };
};

export type RebuildParts = {
  readonly result: Result;
  readonly artifacts: readonly StoredArtifact[];
  /** The record without its trees; undefined where there is none, or it cannot be read. */
  readonly record?: RebuildRecord;
  readonly trees: readonly RebuildTree[];
};

const CONTROL = 'control:';
/** What says that a blob is not what it should be: whoever made it was at fault, or our disk. */
const UNREADABLE = ['FORMAT_MALFORMED', 'FORMAT_LIMIT', 'BLOB_CORRUPT', 'REQUEST_INVALID', 'RESOURCE_UNKNOWN'] as const;

/** What is looked at of a record before it is taken for one: foreign workers write records, too. */
const recordShape = z.looseObject({
  schema: z.literal('reproof-record/1'),
  id: z.string(),
  request: z.looseObject({ kind: z.string() }),
  only: z.array(z.string()),
  verified: z.array(z.looseObject({ kind: z.string() })),
  attempts: z.array(
    z.looseObject({
      kind: z.string(),
      outcome: z.looseObject({ kind: z.string() }),
      artifacts: z.array(z.looseObject({ name: z.string(), sha256: z.string(), size: z.number() })),
      log: z.looseObject({ blob: z.string(), bytes: z.number() }),
      varied: z.array(z.string()),
      wallSeconds: z.number(),
    }),
  ),
  artifacts: z.array(z.looseObject({ kind: z.string(), name: z.string() })),
  verdict: z.looseObject({ kind: z.string(), detail: z.string() }),
  notes: z.array(z.string()),
  stages: z.array(
    z.looseObject({ stage: z.string(), startedAt: z.string(), wallSeconds: z.number(), resumed: z.boolean() }),
  ),
  reproof: z.string(),
});

/** A rebuild with its files, its record and the names of its trees. Throws RESOURCE_UNKNOWN. */
export async function readRebuild(context: ServerContext, id: number): Promise<RebuildParts> {
  const files = await readFiles(context, id);
  const { record: sha256 } = files.result;
  const recorded = sha256 === undefined ? undefined : await readRecord(context, sha256);
  return {
    ...files,
    ...(recorded?.record === undefined ? {} : { record: recorded.record }),
    trees: [...files.trees, ...(recorded?.controls ?? [])],
  };
}

function ofArtifact(artifact: StoredArtifact): readonly RebuildTree[] {
  const { difference, report, fileName, published, rebuilt } = artifact;
  const sha256 = difference ?? report;
  if (sha256 === undefined) return [];
  const form = difference === undefined ? 'text' : 'tree';
  return [
    {
      tree: fileName,
      fileName,
      between: 'published and rebuilt',
      form,
      artifactId: artifact.id,
      ...(published === undefined ? {} : { published }),
      ...(rebuilt === undefined ? {} : { rebuilt }),
      place: { sha256, kind: form, index: 0 },
    },
  ];
}

async function readRecord({ pieces }: ServerContext, sha256: Sha256) {
  const reader = await readable(pieces.difference(sha256, 'record'));
  if (reader === undefined) return undefined;
  try {
    const controls = (await reader.trees()).flatMap(({ path, tree }): readonly RebuildTree[] => {
      if (!path.startsWith(CONTROL_PAIR)) return [];
      const fileName = path.slice(CONTROL_PAIR.length);
      const place = { sha256, kind: 'record' as const, index: tree };
      return [{ tree: `${CONTROL}${fileName}`, fileName, between: 'two rebuilds', form: 'tree', place }];
    });
    const read = recordShape.safeParse(JSON.parse(await reader.rest()));
    return { controls, record: read.success ? (read.data as unknown as RebuildRecord) : undefined };
  } finally {
    await reader.close();
  }
}

async function readable<Reader>(opening: Promise<Reader>): Promise<Reader | undefined> {
  return opening.catch((error: unknown) => {
    if (isReproofError(error, ...UNREADABLE)) return undefined;
    throw error;
  });
}

/** A tree by its name, with its rebuild; the record is looked at only for trees that it alone has. Throws RESOURCE_UNKNOWN. */
export async function findTree(
  context: ServerContext,
  id: number,
  name: string,
): Promise<{ readonly result: Result; readonly tree: RebuildTree }> {
  const { result, trees } = name.startsWith(CONTROL) ? await readRebuild(context, id) : await readFiles(context, id);
  const tree = trees.find((one) => one.tree === name);
  if (tree === undefined)
    throw new ReproofError('RESOURCE_UNKNOWN', 'looking up a difference: the rebuild has none of that name');
  return { result, tree };
}

async function readFiles({ store: { results } }: ServerContext, id: number): Promise<RebuildParts> {
  const result = await results.result(id);
  if (result === undefined)
    throw new ReproofError('RESOURCE_UNKNOWN', 'looking up a rebuild: there is none of that id');
  const artifacts = await results.artifacts(id);
  return { result, artifacts, trees: artifacts.flatMap(ofArtifact) };
}

/** Works with a tree that is open, and closes it. Throws RESOURCE_UNKNOWN where it is none, or cannot be read. */
export async function withTree<Value>(
  { pieces }: ServerContext,
  { place }: RebuildTree,
  work: (reader: DifferenceReader, index: number) => Promise<Value>,
): Promise<Value> {
  if (place.kind === 'text')
    throw new ReproofError('RESOURCE_UNKNOWN', 'reading a difference: of this file there is only a text');
  const reader = await readable(pieces.difference(place.sha256, place.kind));
  if (reader === undefined) throw unreadable();
  try {
    return await work(reader, place.index);
  } catch (error) {
    // A node is read whole only when it is asked for.
    throw isReproofError(error, 'FORMAT_MALFORMED') ? unreadable() : error;
  } finally {
    await reader.close();
  }
}

/** The same with a text: a log, or a report of a foreign worker. */
export async function withText<Value>(
  { pieces }: ServerContext,
  sha256: Sha256 | undefined,
  work: (reader: TextReader) => Promise<Value>,
): Promise<Value> {
  const reader = await readable(pieces.text(sha256));
  if (reader === undefined) throw unreadable();
  try {
    return await work(reader);
  } finally {
    await reader.close();
  }
}

/** The blob of a build's log, by the rebuild's id. Throws RESOURCE_UNKNOWN. */
export async function findLog(
  context: ServerContext,
  id: number,
  build: 'first' | 'control',
): Promise<Sha256 | undefined> {
  return logOf(build === 'first' ? await readFiles(context, id) : await readRebuild(context, id), build);
}

/** The same of one that was read. */
export function logOf({ result, record }: RebuildParts, build: 'first' | 'control'): Sha256 | undefined {
  return build === 'first' ? result.log?.sha256 : record?.attempts.find(({ kind }) => kind === 'control')?.log.blob;
}

function unreadable(): ReproofError {
  return new ReproofError(
    'RESOURCE_UNKNOWN',
    'reading what is kept of a rebuild: there is none (any more), or it is not as it should be',
  );
}
