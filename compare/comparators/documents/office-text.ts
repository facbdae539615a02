import { readOfficeText } from '../../../formats/index.ts';
import { ofBoth } from '../../identity.ts';
import type { LeafComparator } from '../../types.ts';
import { dateReasons } from './dates.ts';
import { readMarkupPair, xml } from './markup.ts';
import { markupChanges, withoutBlanks } from './markup-changes.ts';
import { readTextPair } from './text-pair.ts';

/** The elements that texts of Office Open XML and OpenDocument begin with. */
const ROOT =
  /^(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*>\s*)?(?:<!--[^>]*-->\s*)?<(?:w:(?:document|hdr|ftr|footnotes|endnotes|comments)|p:(?:sld|notes)|office:document(?:-content)?)\s|^(?:<\?xml[^>]*>\s*)?<sst\s[^>]*spreadsheetml/;
const FIELDS = 50;

/** The XML in an office document: its text, line by line as people read it; where that is equal, its markup as any XML. */
export const officeText: LeafComparator = {
  kind: 'leaf',
  id: 'office-text',
  recognizes: (head) => ROOT.test(Buffer.from(head.subarray(0, 4096)).toString('latin1')),
  async *explain(left, right, context) {
    const texts = await readTextPair(left, right, context.budget.limits.textBytes);
    const documents = texts && readMarkupPair(texts, 'xml');
    if (documents === undefined) {
      yield { kind: 'declined' };
      return;
    }
    const [old, now] = documents;
    const [before, after] = ofBoth(old, now, (one) => readOfficeText(one));
    if (before.length === after.length && before.every((line, index) => line === after[index])) {
      yield { kind: 'note', text: 'the text is the same: only the markup around it differs' };
      yield* xml.explain(left, right, context);
      return;
    }
    yield { kind: 'lines', left: before, right: after };
    // Texts are told as lines: of the markup, attributes.
    const { fields } = markupChanges(withoutBlanks(old), withoutBlanks(now), FIELDS);
    const attributes = fields.filter(({ name }) => name.includes('/@'));
    if (attributes.length > 0) yield { kind: 'fields', fields: attributes };
    yield* dateReasons(attributes, 'markup value');
  },
};
