import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Deb822Limits, type Paragraph, parseDeb822, parseParagraphs } from '../../formats/index.ts';
import { runProgram } from '../../programs/index.ts';

const limits: Deb822Limits = { paragraphBytes: 10_000, fields: 100 };

const DOCUMENT = `Package: less
Version: 668-1
Description: pager program similar to more
 This is a program.
 .
   Indented é.

Package: hello
Files:
 abc 12 hello.dsc
\tdef 3 hello.tar.gz
Empty:
`;

function plain(paragraphs: readonly Paragraph[]): unknown {
  return paragraphs.map(({ line, fields }) => ({ line, fields: fields.map(({ name, raw }) => [name, raw]) }));
}

async function* pieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function inPieces(bytes: Uint8Array, size: number, given = limits): Promise<Paragraph[]> {
  return Array.fromAsync(parseDeb822(pieces(bytes, size), given));
}

describe('reading a control document', () => {
  it('keeps every field as it stands, in order', () => {
    expect(plain(parseParagraphs(Buffer.from(DOCUMENT), limits))).toEqual([
      {
        line: 1,
        fields: [
          ['Package', ' less'],
          ['Version', ' 668-1'],
          ['Description', ' pager program similar to more\n This is a program.\n .\n   Indented é.'],
        ],
      },
      {
        line: 8,
        fields: [
          ['Package', ' hello'],
          ['Files', '\n abc 12 hello.dsc\n\tdef 3 hello.tar.gz'],
          ['Empty', ''],
        ],
      },
    ]);
  });

  it('finds a field in any case, on one line or line by line', () => {
    const [less, hello] = parseParagraphs(Buffer.from(DOCUMENT), limits);
    expect(less?.get('vErSiOn')).toBe('668-1');
    expect(less?.get('Description')).toBe('pager program similar to more This is a program. . Indented é.');
    expect(less?.lines('description')).toEqual([
      'pager program similar to more',
      'This is a program.',
      '',
      '  Indented é.',
    ]);
    expect(hello?.lines('Files')).toEqual(['abc 12 hello.dsc', 'def 3 hello.tar.gz']);
    expect([hello?.get('Empty'), hello?.get('Absent'), hello?.has('absent')]).toEqual(['', undefined, false]);
  });

  it.each([1, 7, 1_000_000])('reads the same in chunks of %i bytes', async (size) => {
    const bytes = Buffer.from(DOCUMENT);
    expect(plain(await inPieces(bytes, size))).toEqual(plain(parseParagraphs(bytes, limits)));
  });

  it('reads the same when cut in two at any byte', async () => {
    const bytes = Buffer.from(DOCUMENT);
    const whole = plain(parseParagraphs(bytes, limits));
    for (let cut = 0; cut <= bytes.length; cut += 1) {
      const halves = async function* (): AsyncGenerator<Uint8Array> {
        yield bytes.subarray(0, cut);
        yield bytes.subarray(cut);
      };
      expect(plain(await Array.fromAsync(parseDeb822(halves(), limits)))).toEqual(whole);
    }
  });

  it('parts paragraphs at lines of blanks, and does not mind blank lines around or a missing last newline', () => {
    const paragraphs = parseParagraphs(Buffer.from('\n \t\nA: 1\n  \nB: 2\n\n\nC: 3'), limits);
    expect(paragraphs.map(({ fields }) => fields.map(({ name, line }) => `${name}${line}`))).toEqual([
      ['A3'],
      ['B5'],
      ['C8'],
    ]);
  });

  it('passes comments over only where they are allowed', () => {
    const bytes = Buffer.from('# one\nA: 1\n# two\n more\n#\n\n# three\n');
    expect(plain(parseParagraphs(bytes, { ...limits, comments: true }))).toEqual([
      { line: 2, fields: [['A', ' 1\n more']] },
    ]);
    expect(() => parseParagraphs(bytes, limits)).toThrow(/line 1 .*comment/);
  });

  it.each([
    ['a field given twice, in another case', 'A: 1\nB: 2\na: 3\n', 3],
    ['a continuation line without a field', 'A: 1\n\n more\n', 3],
    ['a line without a colon', 'A: 1\nnonsense\n', 2],
    ['a field without a name', ': 1\n', 1],
    ['a blank before the colon', 'A : 1\n', 1],
    ['a name that begins with a hyphen', '-----BEGIN: x\n', 1],
    ['a name that is not ASCII', 'Ä: x\n', 1],
    ['a carriage return', 'A: 1\nB: 2\r\nC: 3\n', 2],
    ['a NUL byte', 'A: 1\n\nB: \0\n', 3],
  ])('refuses %s', async (_what, text, line) => {
    expect(() => parseParagraphs(Buffer.from(text), { ...limits, name: 'Packages of x' })).toThrow(
      expect.objectContaining({
        code: 'DEB822_SYNTAX',
        message: expect.stringContaining(`line ${line} of Packages of x`),
      }),
    );
    await expect(inPieces(Buffer.from(text), 1)).rejects.toMatchObject({ code: 'DEB822_SYNTAX', context: { line } });
  });

  it('refuses bytes that are not UTF-8, and says on which line', () => {
    const bytes = Buffer.concat([Buffer.from('A: é\nB: 2\nC: '), Buffer.from([0xe9, 0x0a]), Buffer.from('D: 4\n')]);
    expect(() => parseParagraphs(bytes, limits)).toThrow(
      expect.objectContaining({ code: 'DEB822_SYNTAX', context: { line: 3 } }),
    );
  });

  it.each([1, 7, 1_000_000])('keeps within each limit and not one past it, in chunks of %i', async (size) => {
    const bytes = Buffer.from('A: é\nB: 2\n\nC: 3\n\n');
    const exact = { paragraphBytes: 11, fields: 2, paragraphs: 2 };
    await expect(inPieces(bytes, size, exact)).resolves.toHaveLength(2);
    for (const limit of ['paragraphBytes', 'fields', 'paragraphs'] as const) {
      await expect(inPieces(bytes, size, { ...exact, [limit]: exact[limit] - 1 })).rejects.toMatchObject({
        code: 'DEB822_LIMIT',
        context: { limit },
      });
    }
  });

  it('stops at a line without end instead of keeping it', async () => {
    let given = 0;
    const endless = async function* (): AsyncGenerator<Uint8Array> {
      for (;;) {
        given += 1000;
        yield Buffer.alloc(1000, 'x');
      }
    };
    await expect(Array.fromAsync(parseDeb822(endless(), limits))).rejects.toMatchObject({ code: 'DEB822_LIMIT' });
    expect(given).toBeLessThanOrEqual(12_000);
  });

  it('takes a long run of blanks in linear time', () => {
    const blanks = ' '.repeat(2_000_000);
    const [paragraph] = parseParagraphs(Buffer.from(`A: x${blanks}y\n z\n`), { paragraphBytes: 3_000_000, fields: 9 });
    expect(paragraph?.get('A')).toBe(`x${blanks}y z`);
    expect(paragraph?.lines('A')).toHaveLength(2);
  });
});

const fieldName = fc.stringMatching(/^[A-Za-z][A-Za-z0-9-]{0,12}$/);
const text = fc.stringMatching(/^[!-~éλ]([ -~éλ]{0,20}[!-~éλ])?$/);
const paragraph = fc.uniqueArray(fc.tuple(fieldName, fc.array(text, { minLength: 1, maxLength: 4 })), {
  minLength: 1,
  maxLength: 6,
  selector: ([name]) => name.toLowerCase(),
});

describe('any well-formed document', () => {
  it('is read back as it was written, however it is cut', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(paragraph, { maxLength: 5 }),
        fc.integer({ min: 1, max: 9 }),
        async (document, size) => {
          const written = document
            .map((fields) => fields.map(([name, lines]) => `${name}: ${lines.join('\n ')}\n`).join(''))
            .join('\n');
          const read = await inPieces(Buffer.from(written), size);
          const expected = document.map((fields) =>
            fields.map(([name, lines]) => [name, lines.map((line, n) => (n > 0 && line === '.' ? '' : line))]),
          );
          expect(read.map((p) => p.fields.map(({ name }) => [name, p.lines(name)]))).toEqual(expected);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('gives paragraphs or an error of ours for any bytes at all', async () => {
    const soup = fc.array(fc.constantFrom('A', ':', ' ', '\n', '\t', '#', '-', '.', '\r', 'é', '\0'), {
      maxLength: 40,
    });
    await fc.assert(
      fc.asyncProperty(soup, async (parts) => {
        const bytes = Buffer.from(parts.join(''));
        const outcome = async (size: number): Promise<unknown> =>
          inPieces(bytes, size).then(plain, (error: { code: string; context: { line: number } }) => [
            error.code,
            error.context.line,
          ]);
        expect(await outcome(1)).toEqual(await outcome(100));
      }),
      { numRuns: 500 },
    );
  });

  it('has the values that dpkg sees', async () => {
    const script = `use Dpkg::Control; use JSON::PP; my @all;
      while (1) { my $c = Dpkg::Control->new(type => CTRL_UNKNOWN); last unless $c->parse(\\*STDIN, 'it'); push @all, { %$c }; }
      print JSON::PP->new->canonical->encode(\\@all);`;
    const { stdout } = await runProgram(['perl', '-e', script], {
      limits: { wallSeconds: 20, outputBytes: 100_000 },
      input: Buffer.from(DOCUMENT),
    });
    const theirs = JSON.parse(stdout.toString()) as Record<string, string>[];
    const ours = parseParagraphs(Buffer.from(DOCUMENT), limits);
    expect(ours).toHaveLength(theirs.length);
    for (const [n, each] of ours.entries()) {
      for (const { name } of each.fields) {
        const lines = each.lines(name)!.map((line) => line.trim());
        const expected = Buffer.from(theirs[n]![name]!, 'utf8')
          .toString('utf8')
          .split('\n')
          .map((line) => line.trim());
        expect(lines).toEqual(expected.filter((line, at) => at > 0 || line !== ''));
      }
    }
  });
});
