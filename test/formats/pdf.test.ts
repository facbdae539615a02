import { deflateSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodePdfString, readPdf, readPdfDictionary, unpackPdfStream } from '../../formats/index.ts';
import { isReproofError } from '../../model/index.ts';

const limits = { objects: 20, unpackedBytes: 1000 };
const pdf = (...parts: readonly (string | Buffer)[]): Buffer =>
  Buffer.concat(
    ['%PDF-1.5\n', ...parts].map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : part)),
  );

describe('reading a PDF file', () => {
  it('gives its objects, their streams and the trailer', () => {
    const file = readPdf(
      pdf(
        '1 0 obj\n<< /Type /Page >>\nendobj\n2 0 obj <</Length 14>>stream\r\nendobj 9 0 obj\nendstream endobj\n',
        '3 1 obj<</Length 99 0 R>> stream\nabc\nendstream\nendobj xref 0 1\ntrailer << /Size 4 /ID [<00> <01>] >> startxref 0\n%%EOF',
      ),
      limits,
    );
    expect(file.version).toBe('1.5');
    expect(file.objects.map(({ id, text, stream }) => [id, text, stream?.toString()])).toEqual([
      ['1 0', '<< /Type /Page >>', undefined],
      ['2 0', '<</Length 14>>', 'endobj 9 0 obj'],
      ['3 1', '<</Length 99 0 R>>', 'abc\n'],
    ]);
    expect([...file.trailer]).toEqual([
      ['Size', '4'],
      ['ID', '[<00> <01>]'],
    ]);
  });

  it('gives the objects within an object stream that is not packed', () => {
    const content = '7 0 8 4 (7) << /A 8 >>';
    const dictionary = `<< /Type /ObjStm /N 2 /First 8 /Length ${content.length} >>`;
    const whole = pdf(`5 0 obj ${dictionary} stream\n${content}\nendstream endobj`);
    expect(readPdf(whole, limits).objects.map(({ id }) => id)).toEqual(['5 0', '7 0', '8 0']);
  });

  it('gives the objects within an object stream, and the trailer of a cross-reference stream', () => {
    const packed = deflateSync('7 0 8 4 (7) << /A 8 >>');
    const file = readPdf(
      pdf(
        `5 0 obj << /Type /ObjStm /N 2 /First 8 /Filter /FlateDecode /Length ${packed.length} >> stream\n`,
        packed,
        '\nendstream endobj 6 0 obj << /Type/XRef /Info 7 0 R /Length 0 >> stream\n\nendstream endobj',
      ),
      limits,
    );
    expect(file.objects.map(({ id, text }) => [id, text])).toEqual([
      ['5 0', expect.stringContaining('/ObjStm')],
      ['7 0', '(7)'],
      ['8 0', '<< /A 8 >>'],
      ['6 0', expect.stringContaining('/XRef')],
    ]);
    expect(file.trailer.get('Info')).toBe('7 0 R');
  });

  it('stops at its limits', () => {
    const many = (count: number): Buffer => pdf(...Array.from({ length: count }, (_, at) => `${at} 0 obj endobj\n`));
    expect(readPdf(many(limits.objects), limits).objects).toHaveLength(limits.objects);
    expect(() => readPdf(many(limits.objects + 1), limits)).toThrow(expect.objectContaining({ code: 'FORMAT_LIMIT' }));
    const stream = deflateSync('x'.repeat(100));
    const object = { id: '1 0', text: '<< /Filter [ /FlateDecode ] >>', stream };
    expect(unpackPdfStream(object, 100)).toHaveLength(100);
    expect(unpackPdfStream(object, 99)).toBeUndefined();
    expect(unpackPdfStream({ ...object, stream: stream.subarray(0, 9) }, 100)).toBeUndefined();
    expect(unpackPdfStream({ ...object, text: '<< /Filter /DCTDecode >>' }, 100)).toBeUndefined();
    const plain = { ...object, text: '<< /Length 9 >>' };
    expect(unpackPdfStream(plain, stream.length)).toEqual(stream);
    expect(unpackPdfStream(plain, stream.length - 1)).toBeUndefined();
  });

  it.each(['PDF-1.5', '%PDF-1.5\n1 0 obj ', '%PDF-1.5\n1 0 obj <<>> stream\nabc endobj', '%PDF-x'])(
    'refuses %j',
    (text) => {
      expect(() => readPdf(Buffer.from(text), limits)).toThrow(expect.objectContaining({ code: 'FORMAT_MALFORMED' }));
    },
  );

  it('reads on whatever the bytes are', () => {
    const piece = fc.constantFrom(
      '1 0 obj',
      'endobj',
      '<<',
      '>>',
      '/Length 3',
      '/Type /ObjStm',
      '/First 1',
      ' ',
      'stream\n',
      'endstream',
      '[',
      ']',
      '(',
      ')',
      '\\',
      '<',
      'trailer',
      '%',
      'abc',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
        try {
          expect(readPdf(pdf(pieces.join('')), limits).version).toBe('1.5');
        } catch (error) {
          if (!isReproofError(error, 'FORMAT_MALFORMED', 'FORMAT_LIMIT')) throw error;
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe('reading a PDF dictionary', () => {
  it('gives each value as it is written', () => {
    const text = '<</A/B/C 1 0 R/D[<<>>/x (])]/E(a(\\)b)c)/F<</A 1>>/G <6a> /H null % /I 1\n/J true>> /K 1';
    expect(Object.fromEntries(readPdfDictionary(text))).toEqual({
      A: '/B',
      C: '1 0 R',
      D: '[<<>>/x (])]',
      E: '(a(\\)b)c)',
      F: '<</A 1>>',
      G: '<6a>',
      H: 'null % /I 1',
      J: 'true',
    });
  });

  it.each(['', '<<', '<< /A', '<< /A (', '<< /A <', '<< /A [', '/A 1'])('ends with what is broken: %j', (text) => {
    expect(readPdfDictionary(text).size).toBeLessThanOrEqual(1);
  });

  it.each([
    ['(a\\(b\\)\\061\\n\\\nc)', 'a(b)1\nc'],
    ['<6162>', 'ab'],
    ['<FEFF00e9>', 'é'],
    ['(\xef\xbb\xbf\xc3\xa9)', 'é'],
    ['/Name', '/Name'],
    ['<< /A 1 >>', '<< /A 1 >>'],
  ])('decodes %j', (written, text) => {
    expect(decodePdfString(written)).toBe(text);
  });
});
