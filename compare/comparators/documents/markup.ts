import { type MarkupOptions, type MarkupToken, readMarkup } from '../../../formats/index.ts';
import { type FieldChange, isReproofError } from '../../../model/index.ts';
import { ofBoth } from '../../identity.ts';
import { ownTexts } from '../../own-texts.ts';
import type { ByteSource, Explanation, LeafComparator } from '../../types.ts';
import { dateReasons, onlyDatesDiffer } from './dates.ts';
import { type MarkupChanges, markupChanges, markupLines, withoutBlanks } from './markup-changes.ts';
import { explainAsText } from './text.ts';
import { hasReadableLines, readTextPair, sameButForMark } from './text-pair.ts';

const LIMITS: MarkupOptions['limits'] = { tokens: 1_000_000, depth: 1000 };
const FIELDS = 50;
const PROLOGUE = '^(?:\\xef\\xbb\\xbf)?\\s*';
const HTML = new RegExp(
  `${PROLOGUE}(?:<\\?xml[^>]*>\\s*)?(?:<!--[^]*?-->\\s*)?<(?:!doctype\\s+html|html|head|body)\\b`,
  'i',
);
const XML = new RegExp(`${PROLOGUE}<(?:\\?xml\\s|!--|!DOCTYPE\\s|[A-Za-z_][\\w.:-]*[\\s/>])`);

/** HTML: attributes, texts and comments that differ, by path, and what its generator wrote about itself. */
export const html: LeafComparator = comparatorOf('html', HTML);

/** XML of any kind: SVG, property lists, DocBook, AppStream. As HTML, but strict: what is not well formed is text. */
export const xml: LeafComparator = comparatorOf('xml', XML);

function comparatorOf(syntax: MarkupOptions['syntax'], begin: RegExp): LeafComparator {
  return {
    kind: 'leaf',
    id: syntax,
    recognizes: (head) => begin.test(Buffer.from(head.subarray(0, 4096)).toString('latin1')),
    async *explain(left, right, context) {
      const told = await readChanges([left, right], syntax, context.budget.limits.textBytes);
      if (told === undefined) {
        yield { kind: 'declined' };
        return;
      }
      if (told.lines === undefined) yield* explainAsText(left, right, context);
      else yield { kind: 'lines', ...told.lines };
      yield* describe(told);
    },
  };
}

type Told = {
  readonly changes: MarkupChanges;
  /** True where white space and quotes differ, and nothing else. */
  readonly blanks: boolean;
  /** Of documents whose own are too long to be read. */
  readonly lines?: { readonly left: readonly string[]; readonly right: readonly string[] };
};

/** What differs, without the documents, which take many times their size; undefined where one side is none. */
async function readChanges(
  [left, right]: readonly [ByteSource, ByteSource],
  syntax: MarkupOptions['syntax'],
  limitBytes: number,
): Promise<Told | undefined> {
  const texts = await readTextPair(left, right, limitBytes);
  const pieces = texts && readPieces(texts, syntax);
  if (texts === undefined || pieces === undefined) return undefined;
  const [old, now] = pieces;
  const changes = ownTexts(markupChanges(old, now, FIELDS));
  const alike = changes.aligned && changes.fields.length === 0 && changes.reordered === 0;
  const blanks = alike && !sameButForMark(texts) && withoutSpacing(texts[0]) === withoutSpacing(texts[1]);
  if (texts.every(hasReadableLines)) return { changes, blanks };
  return { changes, blanks, lines: { left: markupLines(old), right: markupLines(now) } };
}

/** In HTML, names in capitals and attributes without a value differ, too, in documents that are alike. */
function withoutSpacing(text: string): string {
  return text.replace(/^\ufeff|[ \t\r\n\f"']+/g, '');
}

/** The pieces of both sides that count. */
function readPieces(
  texts: readonly [string, string],
  syntax: MarkupOptions['syntax'],
): [readonly MarkupToken[], readonly MarkupToken[]] | undefined {
  const documents = readMarkupPair(texts, syntax);
  return documents && [withoutBlanks(documents[0]), withoutBlanks(documents[1])];
}

function* describe({ changes: { fields, more, aligned, reordered }, blanks }: Told): Generator<Explanation> {
  if (reordered > 0)
    yield {
      kind: 'reason',
      reason: { kind: 'order', evidence: `attributes in another order in ${reordered} elements` },
    };
  if (fields.length > 0) yield { kind: 'fields', fields };
  if (more > 0) yield { kind: 'note', text: `${more} more attributes and texts differ` };
  if (!aligned && fields.length > 0)
    yield { kind: 'note', text: 'values are compared as far as the elements are alike' };
  if (aligned && fields.length === 0) {
    yield { kind: 'note', text: 'the same elements, attributes and text, but for white space' };
    if (blanks)
      yield {
        kind: 'reason',
        reason: { kind: 'whitespace', evidence: 'the same markup but for white space and quotes' },
      };
  }
  yield* dateReasons(fields, 'markup value');
  yield* generatorReasons(fields);
}

/** What names the program that made the document: a comment or an attribute that says so. */
const GENERATOR =
  /^(?:generated|created|produced|written|made) (?:automatically )?(?:by|with|using)\b|^(?:creator|generator|producer)\s*:/i;
const DIGITS = /\d+/g;

/** Values that name a generator, and differ in numbers: most often its version. */
function* generatorReasons(fields: readonly FieldChange[]): Generator<Explanation> {
  for (const { name, left, right } of fields) {
    if (left === undefined || right === undefined || left.replace(DIGITS, '') !== right.replace(DIGITS, '')) continue;
    const says = /generator|inkscape:version/i.test(name) || (GENERATOR.test(left) && GENERATOR.test(right));
    if (!says || onlyDatesDiffer(left, right)) continue;
    yield {
      kind: 'reason',
      reason: { kind: 'version-text', evidence: `${name} names a program and a version`, left, right },
    };
    return;
  }
}

/** Both sides as markup; undefined where one is none. */
export function readMarkupPair(
  texts: readonly [string, string],
  syntax: MarkupOptions['syntax'],
): readonly [readonly MarkupToken[], readonly MarkupToken[]] | undefined {
  try {
    return ofBoth(...texts, (one) => readMarkup(one, { syntax, limits: LIMITS }));
  } catch (error) {
    // Text that only begins like markup is no fault: it is compared as text.
    if (!isReproofError(error)) throw error;
    return undefined;
  }
}
