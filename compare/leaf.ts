import type { Difference, FieldChange, Picture, Reason } from '../model/index.ts';
import { escapeText } from './escape.ts';
import { letGo } from './let-go.ts';
import { explainLines } from './lines/explain-lines.ts';
import { ownTexts } from './own-texts.ts';
import { type ByteSource, type Context, differenceNode, type Explanation } from './types.ts';

/** What an explanation amounts to; `declined` when the comparator gave the pair up. */
export type LeafFindings = Pick<
  Difference,
  'notes' | 'children' | 'truncated' | 'left' | 'right' | 'detail' | 'fields' | 'reasons' | 'diff' | 'picture'
> & { readonly declined: boolean };

/** A format that tells nothing of two files that differ leaves them to whoever is asked next, at last to their bytes. */
export function orDeclined(found: LeafFindings): LeafFindings {
  const { notes, children, truncated, declined: _, ...told } = found;
  const silent = notes.length + children.length === 0 && !truncated;
  return silent && Object.keys(told).length === 0 ? { ...found, declined: true } : found;
}

type Place = { readonly depth: number };

/** Compares two parts that a leaf found; undefined when they are equal. The walk gives itself. */
export type WalkPart = (
  part: { readonly path: string; readonly left: ByteSource; readonly right: ByteSource; readonly depth: number },
  context: Context,
) => Promise<Difference | undefined>;

/** Values listed at one node. */
const FIELDS = 10_000;

/** Gathers what a leaf says into a node: lines are compared, parts walked, limits kept. */
export async function gather(
  explanations: AsyncIterable<Explanation>,
  { depth, walkPart }: Place & { readonly walkPart: WalkPart },
  context: Context,
): Promise<LeafFindings> {
  const { budget } = context;
  const notes: string[] = [];
  const children: Difference[] = [];
  const fields: FieldChange[] = [];
  const reasons: Reason[] = [];
  const causes: Reason[] = [];
  const sides: { left?: { text: string }; right?: { text: string } } = {};
  let detail: string | undefined;
  let diff: string | undefined;
  let picture: Picture | undefined;
  let unlisted = 0;
  let unnamed = 0;
  let truncated = false;
  const add = (node: Difference): void => {
    if (budget.takeNode()) children.push(node);
    else unlisted++;
  };
  for await (const found of explanations) {
    switch (found.kind) {
      case 'declined':
        if (found.why !== undefined) notes.push(escapeText(found.why));
        return { notes, children: [], truncated, declined: true };
      case 'detail':
        detail = ownTexts(found.text);
        if (found.left !== undefined) sides.left = ownTexts({ text: found.left });
        if (found.right !== undefined) sides.right = ownTexts({ text: found.right });
        break;
      case 'note':
        notes.push(ownTexts(found.text));
        break;
      case 'reason':
        reasons.push(ownTexts(found.reason));
        break;
      case 'fields':
        // One by one: as arguments of one call, very many would be more than the stack holds.
        for (const field of found.fields) {
          if (field.left === field.right) continue;
          if (fields.length < FIELDS) fields.push(ownTexts(field));
          else unnamed++;
        }
        break;
      case 'lines': {
        const differing = explainLines(found, budget);
        if (differing === undefined) break;
        const lines = ownTexts(differing);
        if (found.title !== undefined) {
          // A view is made of structure, which its format explains: causes are looked for in what files hold as lines.
          // Of the order even of those a format knows more: which lines are one statement, what stands on one page.
          const { reasons, ...view } = lines;
          const shown = found.held === true ? (reasons?.filter(({ kind }) => kind !== 'order') ?? []) : [];
          add({
            ...differenceNode(escapeText(found.title), 'view'),
            ...view,
            ...(shown.length === 0 ? {} : { reasons: shown }),
          });
          break;
        }
        diff = lines.diff ?? diff;
        causes.push(...(lines.reasons ?? []));
        truncated ||= lines.truncated;
        break;
      }
      case 'truncated':
        truncated = true;
        break;
      case 'part': {
        const mayList = budget.takeNode();
        const node = await part(found, depth);
        if (node !== undefined && mayList) children.push(node);
        else if (node !== undefined) unlisted++;
        else if (mayList) budget.giveBackNode();
        break;
      }
      case 'picture':
        if (budget.takeReportBytes(found.picture.base64.length)) picture = found.picture;
        else truncated = true;
        break;
      case 'child':
        add(found.difference);
        break;
      default:
        found satisfies never;
    }
    letGo();
  }
  // What a format says of itself is more than what its lines show.
  const kinds: ReadonlySet<string> = new Set(reasons.map((reason) => reason.kind));
  reasons.push(...causes.filter((cause) => !kinds.has(cause.kind)));
  if (unnamed > 0) notes.push(`${unnamed} more values differ: ${FIELDS} are listed`);
  if (unlisted > 0)
    notes.push(`${unlisted} more are not listed: the limit of ${budget.limits.nodes} nodes was reached`);
  return {
    notes,
    ...sides,
    ...(detail === undefined ? {} : { detail }),
    ...(fields.length === 0 ? {} : { fields }),
    ...(reasons.length === 0 ? {} : { reasons }),
    ...(diff === undefined ? {} : { diff }),
    children,
    truncated: truncated || unlisted + unnamed > 0,
    declined: false,
    ...(picture === undefined ? {} : { picture }),
  };

  async function part(found: Extract<Explanation, { kind: 'part' }>, at: number): Promise<Difference | undefined> {
    const path = escapeText(found.name);
    const { left, right } = found;
    if (left !== undefined && right !== undefined) {
      // A part may be its whole over again: only the depth ends that, and each one is counted.
      budget.spend('members', 1);
      if (at < budget.limits.depth) return walkPart({ path, left, right, depth: at + 1 }, context);
      const note = `not looked into: the limit of ${budget.limits.depth} inside each other was reached`;
      return { ...differenceNode(path, 'part'), notes: [note], truncated: true };
    }
    const side = (source: ByteSource | undefined, name: 'left' | 'right'): object =>
      source === undefined ? {} : { [name]: source.size === undefined ? {} : { size: source.size } };
    return {
      ...differenceNode(path, 'part', { ...side(left, 'left'), ...side(right, 'right') }),
      detail: 'only on one side',
    };
  }
}
