import { type Paragraph, parseParagraphs, splitClearSigned } from '../../../formats/index.ts';
import { bufferSource } from '../../buffer-source.ts';
import { escapeText, shorten } from '../../escape.ts';
import { ofBoth } from '../../identity.ts';
import { byBytes } from '../../pairing.ts';
import { type Context, differenceNode, type Explanation, type LeafComparator } from '../../types.ts';
import { differsInDate } from '../documents/dates.ts';
import { readTextPair } from '../documents/text-pair.ts';
import { compareField, type FieldFindings, isOfTheBuild } from './deb822-field.ts';
import { explainIndex } from './deb822-index.ts';
import { keyed, versionOf } from './deb822-keys.ts';
import { orderOfCommon } from './item-list.ts';

const NAMES =
  /(?:^|[/_])(?:control|Packages|Sources|Release|InRelease|status|available|templates|Translation-[A-Za-z_]+)$|\.(?:dsc|changes|buildinfo|deb822)$/;
const CONTENT = /^\n*(?:-----BEGIN PGP SIGNED MESSAGE-----\n|[!-"$-,.-9;-~][!-9;-~]{0,80}:)/;
/** Plain enough without a name: a stanza of a package, a .dsc, .changes or .buildinfo. */
const TYPICAL =
  /^(?:-----BEGIN PGP SIGNED MESSAGE-----\nHash: [^\n]{1,80}\n\n)?(?:Package: [a-z0-9][a-z0-9.+-]*\n[A-Z][A-Za-z0-9-]{1,40}: |Format: [13]\.[0-9][^\n]{0,40}\n(?:Source|Date): )/;
const SHOWN_CHARACTERS = 200;

/**
 * Debian's control documents, deb822(5): control, .dsc, .changes, .buildinfo, Packages, Sources, Release, Translation and
 * debconf's templates. By paragraph and field, lists of packages and files as what they hold; a signature around it is set apart.
 */
export const deb822: LeafComparator = {
  kind: 'leaf',
  id: 'deb822',
  recognizes: (head, name) => {
    const start = Buffer.from(head.subarray(0, 512)).toString('latin1');
    return NAMES.test(name) ? CONTENT.test(start) : TYPICAL.test(start);
  },
  async *explain(left, right, context) {
    const { textBytes } = context.budget.limits;
    const texts = await readTextPair(left, right, textBytes);
    // Of what is inside something packed the size is not known: it is taken for long.
    if (texts === undefined && [left, right].some(({ size = textBytes + 1 }) => size > textBytes)) {
      yield* explainIndex(left, right, { context, compare: compareParagraphs });
      return;
    }
    if (texts === undefined) {
      yield { kind: 'declined', why: `not compared by fields: not UTF-8` };
      return;
    }
    const [old, now] = [signedPart(texts[0]), signedPart(texts[1])];
    const sameSignature = old.signature === now.signature && old.hashes === now.hashes;
    if (old.signed.trimEnd() === now.signed.trimEnd() && !sameSignature) {
      const equal = old.signed === now.signed ? 'equal' : 'equal but for blanks at its end';
      yield { kind: 'detail', text: `the signed text is ${equal}: only the signature around it differs` };
      yield* explainSignatures(old, now);
      return;
    }
    const limits = { paragraphBytes: textBytes, fields: MAX_FIELDS };
    const [before, after] = ofBoth(old, now, ({ signed }) => parseParagraphs(Buffer.from(signed), limits));
    let found = 0;
    for (const explanation of explainParagraphs(before, after, context)) {
      found++;
      yield explanation;
    }
    // Then blank lines or folds are all that differs: lines show that better.
    if (found === 0) yield { kind: 'declined' };
    else yield* explainSignatures(old, now);
  },
};
const MAX_FIELDS = 10_000;

type Signed = { readonly signed: string; readonly hashes?: string; readonly signature?: string };

function signedPart(text: string): Signed {
  return splitClearSigned(text) ?? { signed: text };
}

function* explainSignatures(old: Signed, now: Signed): Generator<Explanation> {
  if (old.signature === now.signature && old.hashes === now.hashes) return;
  const told = ({ signature }: Signed): string => (signature === undefined ? 'no' : 'yes');
  const hashes = (signed: Signed): object => (signed.hashes === undefined ? {} : { hashes: signed.hashes });
  const [left, right] = [hashes(old), hashes(now)] as { hashes?: string }[];
  yield {
    kind: 'fields',
    fields: [
      { name: 'signed', left: told(old), right: told(now) },
      {
        name: 'header of the signed message',
        ...(left?.hashes === undefined ? {} : { left: escapeText(left.hashes.trim()) }),
        ...(right?.hashes === undefined ? {} : { right: escapeText(right.hashes.trim()) }),
      },
    ],
  };
  yield { kind: 'reason', reason: { kind: 'signature', evidence: 'OpenPGP signatures around the text differ' } };
  if (old.signature === undefined || now.signature === undefined) return;
  yield {
    kind: 'part',
    name: 'signature.asc',
    left: bufferSource('signature.asc', Buffer.from(old.signature)),
    right: bufferSource('signature.asc', Buffer.from(now.signature)),
  };
}

function* explainParagraphs(
  before: readonly Paragraph[],
  after: readonly Paragraph[],
  context: Context,
): Generator<Explanation> {
  const [one, other] = [before[0], after[0]];
  if (before.length === 1 && after.length === 1 && one !== undefined && other !== undefined) {
    const { fields, reasons } = compareParagraphs(one, other);
    if (fields.length > 0) yield { kind: 'fields', fields };
    for (const reason of reasons) yield { kind: 'reason', reason };
    return;
  }
  const [old, now] = keyed(before, after, (paragraph) => ({
    name: nameOf(paragraph),
    version: versionOf((name) => paragraph.get(name)),
  }));
  if (orderOfCommon([...old.keys()], [...now.keys()]))
    yield { kind: 'reason', reason: { kind: 'order', evidence: 'the same paragraphs in another order' } };
  for (const key of [...new Set([...old.keys(), ...now.keys()])].sort(byBytes)) {
    const [was, is] = [old.get(key), now.get(key)];
    const node = differenceNode(shorten(escapeText(key), SHOWN_CHARACTERS), 'paragraph');
    if (was === undefined || is === undefined) {
      const side = { [was === undefined ? 'right' : 'left']: {} };
      yield { kind: 'child', difference: { ...node, ...side, detail: 'only on one side' } };
      continue;
    }
    if (context.budget.exhausted) continue;
    const { fields, reasons } = compareParagraphs(was, is);
    if (fields.length + reasons.length > 0)
      yield { kind: 'child', difference: { ...node, left: {}, right: {}, fields, reasons } };
  }
}

/** How two paragraphs differ: by field, whatever the order of the fields. */
export function compareParagraphs(old: Paragraph, now: Paragraph): FieldFindings {
  const names = new Map([...old.fields, ...now.fields].map(({ name }) => [name.toLowerCase(), name]));
  const found = [...names]
    .sort(([one], [other]) => byBytes(one, other))
    .map(([lower, name]) => {
      const [left, right] = [old.field(lower), now.field(lower)];
      const sameName = left === undefined || right === undefined || left.name === right.name;
      return compareField(sameName ? name : lower, left, right);
    });
  const fields = found.flatMap((each) => each.fields);
  const reasons = found.flatMap((each) => each.reasons);
  const lower = (paragraph: Paragraph): readonly string[] => paragraph.fields.map(({ name }) => name.toLowerCase());
  if (orderOfCommon(lower(old), lower(now)))
    reasons.push({ kind: 'order', evidence: 'the same fields in another order' });
  for (const { name, left, right } of fields)
    if (!isOfTheBuild(name) && left !== undefined && right !== undefined && differsInDate(name, left, right))
      reasons.push({ kind: 'timestamp', evidence: `field ${name} differs in a date`, left, right });
  return { fields, reasons };
}

function nameOf(paragraph: Paragraph): string {
  const first = paragraph.fields[0]?.name ?? '';
  const name = paragraph.get('Package') ?? `${first}: ${paragraph.get(first)}`;
  return [name, paragraph.get('Architecture') ?? ''].join(' ').trim();
}
