import type { Reason } from '../../model/index.ts';
import type { ComparedInput, Comparison } from '../comparison.ts';
import { escapeText, shorten, shortenBoth } from '../escape.ts';
import { sidesText } from './node-facts.ts';
import { areTwoVersions, causesOf } from './summary-causes.ts';
import { byLabel, filesOf, type SummarizedFile } from './summary-files.ts';
import { type Cause, helpAgainst } from './summary-help.ts';
import { saidOf, shownOf, unseenText } from './summary-unseen.ts';

export type SummaryOptions = {
  /** The command that shows all of it. */
  readonly next?: string;
};

/** As many groups of files, files of one, and causes are named; the rest is counted. */
const NAMED = 3;
const WORD_CHARACTERS = 80;
const SIDE_CHARACTERS = 60;

/** Five lines that a person can act on: the verdict, which files differ, why, what was not looked at, what to do next. */
export function* summaryReport(comparison: Comparison, options: SummaryOptions = {}): Generator<string> {
  const { identical, left, right, difference } = comparison;
  const line = (head: string, text: string): string => `${head.padEnd(9)} ${escapeText(text)}\n`;
  yield line(identical ? 'identical' : 'different', inputsText(left, right));
  if (difference === undefined) {
    if (saidOf(comparison).length > 0) yield line('unseen', shownOf(saidOf(comparison)));
    return;
  }
  const files = filesOf(difference);
  const { causes, consequences } = causesOf(difference, files);
  yield line('what', whatText(files));
  yield line('why', whyText(causes, consequences));
  yield line('unseen', unseenText(comparison, difference));
  yield line('next', nextText(options.next ?? 'look at the whole report', areTwoVersions(files) ? [] : causes));
}

function inputsText(left: ComparedInput, right: ComparedInput): string {
  const size = ({ size }: ComparedInput): string => (size === undefined ? '' : ` (${size} bytes)`);
  return `${left.name}${size(left)} and ${right.name}${size(right)}`;
}

/** Which files differ, together by how they do. */
function whatText(files: readonly SummarizedFile[]): string {
  const groups = byLabel(files);
  const named = groups.slice(0, NAMED).map(([label, nodes]) => {
    const names = nodes.slice(0, NAMED).map(({ path }) => shorten(path, WORD_CHARACTERS));
    return `${nodes.length} ${label}: ${names.join(', ')}${more(nodes.length - names.length, 'more')}`;
  });
  const others = groups.slice(NAMED).reduce((sum, [, nodes]) => sum + nodes.length, 0);
  return `${named.join('; ')}${others === 0 ? '' : `; ${others} ${others === 1 ? 'other' : 'others'}`}`;
}

/** The commonest causes, each with its first witness, and what follows from them or from what was not told. */
function whyText(causes: readonly Cause[], consequences: readonly Cause[]): string {
  const named = causes.slice(0, NAMED).map(({ kind, files, first, at }) => {
    const sides = sidesText(shownSides(first));
    const witness = [shorten(at, WORD_CHARACTERS), shorten(first.evidence, WORD_CHARACTERS)];
    if (sides !== '') witness.push(sides);
    return `${kind} in ${files} (${witness.join(': ')})`;
  });
  if (causes.length > named.length)
    named.push(
      `also ${causes
        .slice(named.length)
        .map(({ kind, files }) => `${kind} in ${files}`)
        .join(', ')}`,
    );
  if (named.length === 0) named.push('no cause that the bytes show');
  if (consequences.length > 0)
    named.push(`consequences: ${consequences.map(({ kind, files }) => `${kind} in ${files}`).join(', ')}`);
  return named.join('; ');
}

/** Both sides, so far that it is seen in what they differ. */
function shownSides({ left, right }: Reason): Pick<Reason, 'left' | 'right'> {
  if (left === undefined || right === undefined) {
    const one = shorten(left ?? right ?? '', SIDE_CHARACTERS);
    return { ...(left === undefined ? {} : { left: one }), ...(right === undefined ? {} : { right: one }) };
  }
  const [shownLeft, shownRight] = shortenBoth(left, right, SIDE_CHARACTERS);
  return { left: shownLeft, right: shownRight };
}

function nextText(command: string, causes: readonly Cause[]): string {
  const help = helpAgainst(causes);
  return help === undefined ? command : `${help}; all of it: ${command}`;
}

function more(count: number, what: string): string {
  return count > 0 ? ` and ${count} ${what}` : '';
}
