import { describe, expect, it } from 'vitest';
import { readMarkup, readOfficeText } from '../../formats/index.ts';

const textOf = (xml: string): readonly string[] =>
  readOfficeText(readMarkup(xml, { syntax: 'xml', limits: { tokens: 100_000, depth: 100 } }));

describe('reading the text of office documents', () => {
  it('gives the paragraphs of a word processor, runs joined, with tabs, breaks and entities', () => {
    expect(
      textOf(
        `<w:document><w:body>
          <w:p><w:pPr><w:pStyle w:val="a"/></w:pPr> <w:r><w:t>Hello, </w:t></w:r><w:r><w:t xml:space="preserve">w&amp;rld&#33;</w:t></w:r></w:p>
          <w:p/><w:p><w:r><w:t>a</w:t><w:tab/><w:t>b</w:t><w:br/><w:t>c&unknown;</w:t></w:r></w:p>
        </w:body></w:document>`,
      ),
    ).toEqual(['Hello, w&rld!', '', 'a\tb', 'c&unknown;']);
  });

  it('gives what OpenDocument writes, blanks as they count there', () => {
    expect(
      textOf(
        `<office:document-content><office:body>
          <text:h text:outline-level="1">Ti<text:span>tle</text:span></text:h>
          <text:p>one<text:s text:c="3"/>two
            three<text:tab/><text:line-break/>four</text:p><text:p><![CDATA[<&]]></text:p>
        </office:body></office:document-content>`,
      ),
    ).toEqual(['Title', 'one   two three\t', 'four', '<&']);
  });

  it('gives a note inside of a paragraph before the paragraph, and the texts of a table or a slide', () => {
    expect(textOf('<o><text:p>a<text:note><text:p>n</text:p></text:note>b</text:p></o>')).toEqual(['n', 'ab']);
    expect(textOf('<sst><si><t>one</t></si><si><r><t>tw</t></r><r><t>o</t></r></si></sst>')).toEqual(['one', 'two']);
    expect(textOf('<p:sld><a:p><a:r><a:t>s</a:t></a:r></a:p></p:sld>')).toEqual(['s']);
  });

  it('does not grow by blanks that are only a number', () => {
    const blanks = '<text:s text:c="900000"/>'.repeat(1_000);
    expect(textOf(`<o><text:p>${blanks}</text:p></o>`)[0]?.length).toBeLessThan(1_000_000);
    expect(textOf('<o><text:p>a<text:s text:c="-5"/>b<text:s text:c="x"/></text:p></o>')).toEqual(['a b ']);
  });
});
