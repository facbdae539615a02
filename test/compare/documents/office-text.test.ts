import { describe, expect, it } from 'vitest';
import { changedLines, nodesOf, notesOf, reasonsOf } from '../../helpers/compare-bytes.ts';
import { mirroredTree } from '../../helpers/leaf-tree.ts';
import { smallZip } from '../../helpers/small-zip.ts';

const paragraph = (text: string, id = 1): string => `<w:p w:rsidR="${id}"><w:r><w:t>${text}</w:t></w:r></w:p>`;
const word = (...paragraphs: readonly string[]): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<w:document xmlns:w="x"><w:body>${paragraphs.join('')}</w:body></w:document>`;
const docx = (document: string): Buffer =>
  smallZip([
    { name: '[Content_Types].xml', content: '<Types/>' },
    { name: 'word/document.xml', content: document, deflate: true },
  ]);
const odt = (text: string): Buffer =>
  smallZip([
    { name: 'mimetype', content: 'application/vnd.oasis.opendocument.text' },
    {
      name: 'content.xml',
      content: `<?xml version="1.0"?>\n<office:document-content xmlns:office="x"><text:p>same</text:p><text:p>${text}</text:p></office:document-content>`,
    },
  ]);

describe('explaining how two office documents differ', () => {
  it('shows the paragraphs that differ, in a document of one long line', async () => {
    const found = await mirroredTree(
      docx(word(paragraph('Same'), paragraph('Printed 2026-01-02'), paragraph('End'))),
      docx(word(paragraph('Same'), paragraph('Printed 2026-02-03'), paragraph('End'))),
    );
    expect(nodesOf(found)).toContain('word/document.xml | office-text | ');
    expect(changedLines(found)).toEqual(['-Printed 2026-01-02', '+Printed 2026-02-03']);
    expect(reasonsOf(found)).toContainEqual(expect.objectContaining({ kind: 'timestamp' }));
    expect(changedLines(await mirroredTree(odt('one'), odt('two')))).toEqual(['-one', '+two']);
  });

  it('names attributes beside the text, and says where only markup differs', async () => {
    const both = await mirroredTree(docx(word(paragraph('a', 1))), docx(word(paragraph('b', 2))));
    expect(both.children[0]?.fields).toEqual([{ name: '/w:document/w:body/w:p/@w:rsidR', left: '1', right: '2' }]);
    const markup = await mirroredTree(docx(word(paragraph('a', 1))), docx(word(paragraph('a', 2))));
    expect(notesOf(markup)).toContain('the text is the same: only the markup around it differs');
    expect(markup.children[0]?.fields).toEqual([{ name: '/w:document/w:body/w:p/@w:rsidR', left: '1', right: '2' }]);
  });

  it('leaves what is not well formed to the comparison of text', async () => {
    const found = await mirroredTree(word(paragraph('a')), word(`${paragraph('b')}</w:r>`));
    expect(found.kind).toBe('text');
  });
});
