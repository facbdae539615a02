import type { Difference, Reason } from '../../model/index.ts';
import type { ComparedInput, Comparison } from '../comparison.ts';
import { escapeText, shorten } from '../escape.ts';
import { nodesOf } from './node-facts.ts';

export type SummaryOptions = {
  /** The command that shows all of it. */
  readonly next?: string;
};

/** As many kinds and reasons are named; the rest is counted. */
const NAMED = 3;
const WITNESS_CHARACTERS = 80;

/** Five lines that a person can act on: the verdict, what differs, why, what was not looked at, what to do next. */
export function* summaryReport(comparison: Comparison, options: SummaryOptions = {}): Generator<string> {
  const { identical, left, right, difference } = comparison;
  const line = (head: string, text: string): string => `${head.padEnd(9)} ${escapeText(text)}\n`;
  yield line(identical ? 'identical' : 'different', inputsText(left, right));
  if (difference === undefined) return;
  yield line('what', whatText(difference));
  yield line('why', whyText(difference));
  yield line('unseen', unseenText(comparison, difference));
  yield line('next', options.next ?? 'look at the whole report');
}

function inputsText(left: ComparedInput, right: ComparedInput): string {
  const size = ({ size }: ComparedInput): string => (size === undefined ? '' : ` (${size} bytes)`);
  return `${left.name}${size(left)} and ${right.name}${size(right)}`;
}

/** What differs in itself, not only in what is inside. */
function whatText(tree: Difference): string {
  const kinds = new Map<string, number>();
  let total = 0;
  for (const { node } of nodesOf(tree)) {
    const own = node.children.length === 0 || node.fields !== undefined || node.diff !== undefined;
    if (!own) continue;
    total++;
    kinds.set(node.kind, (kinds.get(node.kind) ?? 0) + 1);
  }
  const most = [...kinds].sort(([one, few], [other, many]) => many - few || (one < other ? -1 : 1));
  const named = most.slice(0, NAMED).map(([kind, count]) => `${count} ${kind}`);
  const rest = most.length - named.length;
  return `${total} ${total === 1 ? 'place' : 'places'}: ${named.join(', ')}${rest > 0 ? `; ${rest} kinds more` : ''}`;
}

/** The commonest reasons, each with its first witness. */
function whyText(tree: Difference): string {
  const found = new Map<string, { count: number; readonly reason: Reason; readonly path: readonly string[] }>();
  for (const { node, path } of nodesOf(tree)) {
    for (const reason of node.reasons ?? []) {
      const known = found.get(reason.kind);
      if (known === undefined) found.set(reason.kind, { count: 1, reason, path });
      else known.count++;
    }
  }
  if (found.size === 0) return 'no reason that the bytes show';
  const most = [...found.values()].sort(
    (one, other) => other.count - one.count || (one.reason.kind < other.reason.kind ? -1 : 1),
  );
  const named = most.slice(0, NAMED).map(({ count, reason, path }) => {
    const witness = shorten(reason.evidence, WITNESS_CHARACTERS);
    return `${count} ${reason.kind} (${shorten(path.at(-1) as string, WITNESS_CHARACTERS)}: ${witness})`;
  });
  const rest = most.length - named.length;
  return `${named.join('; ')}${rest > 0 ? `; ${rest} kinds more` : ''}`;
}

/** Where the explanation ended early, and what was left out on purpose. */
function unseenText({ counts, notes, left, right }: Comparison, tree: Difference): string {
  const said = [...notes, ...left.notes, ...right.notes];
  if (counts.truncated === 0 && said.length === 0) return 'nothing that was found to differ was left out';
  if (counts.truncated > 0) {
    const first = firstTruncated(tree);
    const why = first.notes[0];
    said.unshift(
      `${counts.truncated} of ${counts.nodes} nodes not explained to the end, such as ${first.path}${why === undefined ? '' : ` (${why})`}`,
    );
  }
  const rest = said.length - 1;
  return `${shorten(said[0] as string, 2 * WITNESS_CHARACTERS)}${rest > 0 ? `; ${rest} notes more` : ''}`;
}

function firstTruncated(tree: Difference): Difference {
  for (const { node } of nodesOf(tree)) if (node.truncated) return node;
  return tree;
}
