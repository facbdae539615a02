import { debianPurl, type Verdict } from '../../model/index.ts';
import type { ComparisonPredicate } from './comparison.ts';
import { verdictSchema } from './comparison-schema.ts';
import { COMPARISON_TYPE, STATEMENT_TYPE, type Statement } from './types.ts';

/** A file that a worker built elsewhere, as far as whoever signs has seen it: both digests are its own. */
export type SeenFile = {
  readonly name: string;
  readonly package: string;
  readonly version: string;
  readonly architecture: string;
  /** By a signed index. */
  readonly published: { readonly sha256: string; readonly size: number };
  /** Of the bytes that the worker gave. */
  readonly rebuilt: { readonly sha256: string };
};

/** What a worker of ours reported, and what of its files was seen here. Times are ISO 8601 in UTC. */
export type ReportedRebuild = {
  /** What the rebuild is called here. */
  readonly id: string;
  readonly startedOn: string;
  readonly finishedOn: string;
  readonly source: { readonly name: string; readonly version: string; readonly suite?: string };
  readonly verdict: { readonly kind: Verdict['kind']; readonly reason?: string; readonly detail: string };
  readonly files: readonly SeenFile[];
  readonly reproof: string;
};

/**
 * One statement for each file that was seen, marked `bytes-compared-here`: that these bytes came and are, or are not, the
 * published ones. Records, logs and plans of a worker are not named, for nobody here saw them come to be. None where
 * the verdict is no word of ours with a reason of its own: a worker may say anything. Pure.
 */
export function reportedComparisons(rebuild: ReportedRebuild): readonly Statement<ComparisonPredicate>[] {
  const { source } = rebuild;
  const { kind, reason, detail } = rebuild.verdict;
  const read = verdictSchema.safeParse({
    kind,
    detail: detail.toWellFormed(),
    ...(kind === 'reproducible' || reason === undefined ? {} : { reason }),
  });
  if (!read.success) return [];
  const verdict = read.data;
  const suite = source.suite === undefined ? {} : { suite: source.suite };
  return rebuild.files
    .toSorted((left, right) => (left.name < right.name ? -1 : left.name > right.name ? 1 : 0))
    .map(
      ({ name, package: binary, version, architecture, published, rebuilt }): Statement<ComparisonPredicate> => ({
        _type: STATEMENT_TYPE,
        subject: [{ name, digest: { sha256: published.sha256 } }],
        predicateType: COMPARISON_TYPE,
        predicate: {
          rebuild: { id: rebuild.id, startedOn: rebuild.startedOn, finishedOn: rebuild.finishedOn },
          observation: 'bytes-compared-here',
          source: debianPurl({ name: source.name, version: source.version, architecture: 'source', ...suite }),
          package: debianPurl({ name: binary, version, architecture, ...suite }),
          verdict,
          artifact: {
            verdict: rebuilt.sha256 === published.sha256 ? 'identical' : 'differs',
            size: published.size,
            rebuilt: { name, digest: { sha256: rebuilt.sha256 } },
          },
          reasons: [],
          causes: [],
          causesLimited: false,
          evidence: { logs: [], reports: [] },
          reproof: rebuild.reproof,
        },
      }),
    );
}
