import { deflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import {
  changedLines,
  compareAllWays,
  fieldsOf,
  nodesOf,
  notesOf,
  reasonsOf,
  survivesDamage,
} from '../../helpers/compare-bytes.ts';

type Change = {
  readonly text?: string;
  readonly date?: string;
  readonly producer?: string;
  readonly id?: string;
  readonly tag?: string;
  readonly glyphs?: string;
  readonly level?: number | 'none';
  readonly metadata?: string;
};

/** A PDF file of one page that pdftotext reads. */
function smallPdf(change: Change = {}): Buffer {
  const { text = 'Hello', date = 'D:20260102030405Z', producer = 'tool 1', id = '00', tag = 'ABCDEF' } = change;
  const plain = Buffer.from(`BT /F1 12 Tf 20 50 Td (${text}) Tj ET`.repeat(3));
  const packed = change.level !== 'none';
  const page = change.level === 'none' ? plain : deflateSync(plain, { level: change.level ?? 6 });
  const xmp = `<?xml version="1.0"?>\n<x><d>${change.metadata ?? 'a'}</d></x>\n`;
  const bodies: readonly (string | Buffer)[] = [
    '<< /Type /Catalog /Pages 2 0 R /Metadata 7 0 R >>',
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 100] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>',
    Buffer.concat([
      Buffer.from(`<< ${packed ? '/Filter /FlateDecode ' : ''}/Length ${page.length} >>\nstream\n`),
      page,
      Buffer.from('\nendstream'),
    ]),
    `<< /Type /Font /Subtype /Type1 /BaseFont /${tag}+Helvetica >>`,
    `<< /Producer (${producer}) /CreationDate (${date}) >>`,
    `<< /Type /Metadata /Subtype /XML /Length ${xmp.length} >>\nstream\n${xmp}endstream`,
    ...(change.glyphs === undefined
      ? []
      : [`<< /Type /FontDescriptor /FontName /${tag}+Helvetica /CharSet (${change.glyphs}) >>`]),
  ];
  let file = Buffer.from('%PDF-1.4\n');
  const offsets: number[] = [];
  for (const [index, body] of bodies.entries()) {
    offsets.push(file.length);
    file = Buffer.concat([file, Buffer.from(`${index + 1} 0 obj\n`), Buffer.from(body), Buffer.from('\nendobj\n')]);
  }
  const table = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('');
  const trailer = `trailer\n<< /Size ${bodies.length + 1} /Root 1 0 R /Info 6 0 R /ID [<${id}> <${id}>] >>`;
  const entries = `0 ${bodies.length + 1}\n0000000000 65535 f \n${table}`;
  const end = `xref\n${entries}${trailer}\nstartxref\n${file.length}\n%%EOF\n`;
  return Buffer.concat([file, Buffer.from(end)]);
}

describe('explaining how two PDF files differ', () => {
  it('names the dates, the program and the identifier', async () => {
    const found = await compareAllWays(
      smallPdf(),
      smallPdf({ date: 'D:20260103030405Z', producer: 'tool 2', id: '01' }),
    );
    expect(found.kind).toBe('pdf');
    expect(found.fields).toEqual([
      { name: 'CreationDate', left: 'D:20260102030405Z', right: 'D:20260103030405Z' },
      { name: 'Producer', left: 'tool 1', right: 'tool 2' },
      { name: 'trailer ID', left: '[<00> <00>]', right: '[<01> <01>]' },
    ]);
    expect(reasonsOf(found).map(({ kind }) => kind)).toEqual(['timestamp', 'version-text', 'random']);
    expect(notesOf(found)).toEqual(['the same text, as pdftotext reads it']);
  });

  it('knows a date that stands there without its mark, as cairo writes it', async () => {
    const of = (day: string): Buffer => smallPdf({ date: `202601${day}000000+00'00` });
    expect(reasonsOf(await compareAllWays(of('02'), of('03'))).map(({ kind }) => kind)).toEqual(['timestamp']);
  });

  it('shows the text and the unpacked page that differ', async () => {
    const found = await compareAllWays(smallPdf(), smallPdf({ text: 'Byebye' }));
    expect(nodesOf(found).map((node) => node.split(' | ').slice(0, 2))).toEqual([
      ['file', 'pdf'],
      ['objects', 'view'],
      ['object 4 0 stream', 'text'],
      ['text (pdftotext)', 'view'],
    ]);
    expect(changedLines(found).join('\n')).toMatch(/-.*\(Hello\) Tj.*\+.*\(Byebye\) Tj.*-.*Hello.*\+.*Byebye/s);
  });

  it('compares the XMP metadata as the XML that it is', async () => {
    const found = await compareAllWays(smallPdf(), smallPdf({ metadata: 'b' }));
    expect(nodesOf(found)).toContain('object 7 0 XMP metadata | xml | ');
    expect(fieldsOf(found)).toContainEqual({ name: '/x/d/text()', left: 'a', right: 'b' });
  });

  it('says that a stream is only packed otherwise', async () => {
    const found = await compareAllWays(smallPdf(), smallPdf({ level: 0 }));
    expect(reasonsOf(found)).toEqual([{ kind: 'compression', evidence: '1 streams are equal when unpacked' }]);
  });

  it('says that a stream is packed on one side only', async () => {
    const found = await compareAllWays(smallPdf(), smallPdf({ level: 'none' }));
    expect(reasonsOf(found)).toEqual([{ kind: 'compression', evidence: '1 streams are equal when unpacked' }]);
    expect(found.children.map(({ path }) => path)).toEqual(['objects']);
  });

  it('tells the random tag of a font subset', async () => {
    const found = await compareAllWays(smallPdf(), smallPdf({ tag: 'GHIJKL' }));
    expect(reasonsOf(found)).toEqual([
      { kind: 'random', evidence: 'only the tags of font subsets differ in 1 objects' },
    ]);
    expect(changedLines(found)).toEqual([
      '-5 0 obj << /Type /Font /Subtype /Type1 /BaseFont /ABCDEF+Helvetica >>',
      '+5 0 obj << /Type /Font /Subtype /Type1 /BaseFont /GHIJKL+Helvetica >>',
    ]);
  });

  it('takes no tag for random of a font of which other glyphs are kept', async () => {
    const found = await compareAllWays(
      smallPdf({ glyphs: '/H/e/l/o/four' }),
      smallPdf({ tag: 'GHIJKL', glyphs: '/H/e/l/o/five' }),
    );
    expect(reasonsOf(found)).toEqual([]);
    const alike = await compareAllWays(smallPdf({ glyphs: '/H' }), smallPdf({ tag: 'GHIJKL', glyphs: '/H' }));
    expect(reasonsOf(alike)).toEqual([
      { kind: 'random', evidence: 'only the tags of font subsets differ in 2 objects' },
    ]);
  });

  it('tells a date that stands in the text alone', async () => {
    const found = await compareAllWays(smallPdf({ text: 'January 4, 2024' }), smallPdf({ text: 'January 5, 2024' }));
    expect(found.children.find(({ path }) => path === 'text (pdftotext)')?.reasons).toMatchObject([
      { kind: 'timestamp', left: 'January 4, 2024', right: 'January 5, 2024' },
    ]);
  });

  it('runs no program when none may be run, and says so', async () => {
    const found = await compareAllWays(smallPdf(), smallPdf({ id: '01' }), { limits: { programRuns: 0 } });
    expect(found.notes).toEqual(['the text is not compared: no more programs are run']);
  });

  it('leaves a file above the limit to others', async () => {
    const found = await compareAllWays(smallPdf(), smallPdf({ id: '01' }), { limits: { textBytes: 100 } });
    expect(found.kind).toBe('bytes');
  });

  it('says something else than identical wherever a file is cut or broken', async () => {
    await survivesDamage(smallPdf(), 11, { programRuns: 0 });
  });
});
