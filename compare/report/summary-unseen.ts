import type { Difference } from '../../model/index.ts';
import type { Comparison } from '../comparison.ts';
import { shorten } from '../escape.ts';
import { nodesOf } from './node-facts.ts';

const SHOWN_CHARACTERS = 240;
const PATH_CHARACTERS = 80;

/** Notes that tell of a limit, as opposed to what else is to be known of a node that reached one. */
const OF_A_LIMIT =
  /\blimit\b|_LIMIT: |ended early|more values differ|compared from byte|no more programs|no run of a program|(?:longer|larger) than/;
/** Notes that tell why something was not read: the code of an error, or a program that is not there. */
const OF_A_FAILURE =
  /(?:^|: )(?:ARCHIVE|ELF|PROGRAM|DEB822|FORMAT)_[A-Z_]+(?:: |$)|is not installed: what it would show/;

/** What a note says, without the names from the files that it ends with: those may read like anything. */
function withoutNames(note: string): string {
  return note.replace(/(, such as | names: ).*$/s, '$1');
}

function tellsFailure(note: string): boolean {
  return OF_A_FAILURE.test(withoutNames(note));
}

/** Where the explanation ended early, what could not be read, and what was left out on purpose. */
export function unseenText(comparison: Comparison, tree: Difference): string {
  const said = [...earlyEnds(comparison, tree), ...failures(comparison, tree), ...saidOf(comparison)];
  return said.length === 0 ? 'nothing that was found to differ was left out' : shownOf(said);
}

/** What is to be known of the inputs; once where it is so of both. */
export function saidOf({ notes, left, right }: Comparison): readonly string[] {
  return [...new Set([...notes, ...left.notes, ...right.notes])];
}

export function shownOf(said: readonly string[]): string {
  const [first = '', ...others] = said;
  const more = ` and ${others.length} ${others.length === 1 ? 'note' : 'notes'} more`;
  return `${shorten(first, SHOWN_CHARACTERS)}${others.length === 0 ? '' : more}`;
}

function earlyEnds({ counts }: Comparison, tree: Difference): readonly string[] {
  if (counts.truncated === 0) return [];
  const first = firstTruncated(tree);
  const why = limitIn(first) ?? (first.diff === undefined ? undefined : 'its lines are not all shown in full');
  return [
    `${counts.truncated} of ${counts.nodes} nodes not explained to the end, such as ${pathOf(first)}${why === undefined ? '' : ` (${why})`}`,
  ];
}

function firstTruncated(tree: Difference): Difference {
  for (const { node } of nodesOf(tree)) if (node.truncated) return node;
  return tree;
}

/** A node may have reached a limit that what is in it tells of. */
function limitIn(top: Difference): string | undefined {
  for (const { node } of nodesOf(top)) {
    const note = node.notes.find((one) => OF_A_LIMIT.test(withoutNames(one)) || tellsFailure(one));
    if (note !== undefined) return note;
  }
  return undefined;
}

function pathOf({ path }: Difference): string {
  return shorten(path, PATH_CHARACTERS);
}

function failures({ counts }: Comparison, tree: Difference): readonly string[] {
  let [found, first] = [0, ''];
  for (const { node } of nodesOf(tree)) {
    const note = node.truncated ? undefined : node.notes.find(tellsFailure);
    if (note === undefined) continue;
    if (found++ === 0) first = `${pathOf(node)} (${note})`;
  }
  return found === 0 ? [] : [`${found} of ${counts.nodes} nodes could not be read to the end, such as ${first}`];
}
