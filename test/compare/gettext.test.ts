import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readMo, readPo } from '../../formats/index.ts';
import {
  changedLines,
  compareAllWays,
  compareBytes,
  fieldsOf,
  patched,
  pathsOf,
  reasonsOf,
  survivesDamage,
} from '../helpers/compare-bytes.ts';

const folder = mkdtempSync(join(tmpdir(), 'gettext-'));
afterAll(() => rmSync(folder, { recursive: true }));

const DATE = '2024-01-02 03:04+0000';
const PO = `# Translators
msgid ""
msgstr ""
"Language: de\\n"
"PO-Revision-Date: ${DATE}\\n"
"Content-Type: text/plain; charset=UTF-8\\n"

#. A remark
#: src/main.c:10 src/other.c:20
#, c-format
msgid "open %s"
msgstr "öffne %s"

#: src/main.c:12
msgctxt "menu"
msgid "file"
msgid_plural "files"
msgstr[0] "Datei"
msgstr[1] "Dateien"

#~ msgid "old"
#~ msgstr "alt"
`;

let count = 0;
function compiled(po: string, ...options: string[]): Buffer {
  const path = join(folder, String(count++));
  writeFileSync(path, po);
  execFileSync('msgfmt', [...options, '-o', `${path}.mo`, path]);
  return readFileSync(`${path}.mo`);
}

const mo = compiled(PO);
const LIMITS = { messages: 100, characters: 10_000 };

describe('reading gettext messages', () => {
  it('reads what msgfmt wrote, in either byte order', () => {
    const little = readMo(mo, LIMITS);
    expect(little.messages.map(({ id, text }) => [id, Buffer.from(text, 'latin1').toString()])).toEqual([
      ['', expect.stringContaining(`PO-Revision-Date: ${DATE}\n`)],
      ['menu\x04file\0files', 'Datei\0Dateien'],
      ['open %s', 'öffne %s'],
    ]);
    const big = readMo(compiled(PO, '--endianness=big'), LIMITS);
    expect(big).toMatchObject({ endian: 'big', messages: little.messages });
  });

  it('reads a .po file, and nothing that is none', () => {
    const entries = readPo(PO, LIMITS);
    expect(entries?.map(({ id, text }) => [id, text])).toEqual([
      ['', `Language: de\\nPO-Revision-Date: ${DATE}\\nContent-Type: text/plain; charset=UTF-8\\n`],
      ['open %s', 'öffne %s'],
      ['menu | file | files', 'Datei | Dateien'],
      ['old', 'alt'],
    ]);
    expect(entries?.[1]).toMatchObject({
      references: ['src/main.c:10', 'src/other.c:20'],
      comments: ['#. A remark', '#, c-format'],
    });
    expect(readPo('msgid "x"\nother', LIMITS)).toBeUndefined();
  });

  it('stops at each limit', () => {
    const limit = expect.objectContaining({ code: 'FORMAT_LIMIT' });
    expect(() => readMo(mo, { ...LIMITS, messages: 2 })).toThrow(limit);
    expect(() => readMo(mo, { ...LIMITS, characters: 50 })).toThrow(limit);
    expect(() => readPo(PO, { messages: 3 })).toThrow(limit);
  });
});

describe('explaining how gettext messages differ', () => {
  const dates = { left: DATE, right: '2025-01-02 03:04+0000' };
  const other = PO.replace('2024-', '2025-');

  it('names the date of revision', async () => {
    const found = await compareAllWays(mo, compiled(other));
    expect(found.kind).toBe('mo');
    expect(fieldsOf(found)).toEqual([{ name: 'header PO-Revision-Date', ...dates }]);
    expect(reasonsOf(found)).toEqual([{ kind: 'timestamp', evidence: 'PO-Revision-Date of the header', ...dates }]);
    expect(found.children).toEqual([]);
  });

  it('leaves fields of the header in another order to the comparison of lines', async () => {
    const [language, date] = ['"Language: de\\n"\n', `"PO-Revision-Date: ${DATE}\\n"\n`];
    const moved = PO.replace(language + date, date + language);
    expect(moved).not.toBe(PO);
    const found = await compareAllWays(Buffer.from(PO), Buffer.from(moved), { name: 'de.po' });
    expect(found.kind).toBe('text');
    expect(changedLines(found).join('\n')).toContain('PO-Revision-Date');
  });

  it('names the message that differs, and one that is missing', async () => {
    const found = await compareAllWays(
      mo,
      compiled(PO.replace('öffne', 'Öffne').replace(/#: src\/main.c:12[^#]*/, '')),
    );
    expect(pathsOf(found)).toEqual(['file', 'messages']);
    expect(changedLines(found)).toEqual([
      '-msgid menu (context) file (plural) files',
      '-  msgstr Datei (plural) Dateien',
      '-  msgstr öffne %s',
      '+  msgstr Öffne %s',
    ]);
  });

  it('says that the same messages are stored otherwise', async () => {
    const found = await compareAllWays(mo, compiled(PO, '--no-hash'));
    expect(reasonsOf(found).map(({ kind }) => kind)).toEqual(['layout']);
    expect(fieldsOf(found).map(({ name }) => name)).toContain('hash table entries');
  });

  it('tells references and comments of a .po file apart from its messages', async () => {
    const changed = other.replace('main.c:10', 'main.c:11').replace('A remark', 'Another').replace('Datei"', 'DATEI"');
    const found = await compareAllWays(Buffer.from(PO), Buffer.from(changed), { name: 'de.po' });
    expect(pathsOf(found)).toEqual(['de.po', 'messages', 'references to the source', 'comments']);
    expect(fieldsOf(found)).toEqual([{ name: 'header PO-Revision-Date', ...dates }]);
    expect(changedLines(found)).toContain('-  src/main.c:10');
  });

  it('takes comments that stand alone in a .po file for no message', async () => {
    const alone = (text: string): Buffer => Buffer.from(`# Copyright\n\n${text}\n# the end\n`);
    const found = await compareAllWays(alone(PO), alone(other), { name: 'de.po' });
    expect(fieldsOf(found)).toEqual([{ name: 'header PO-Revision-Date', ...dates }]);
    expect(found.children).toEqual([]);
    const ended = await compareAllWays(Buffer.from(PO), Buffer.from(`${PO}\n# the end\n`), { name: 'de.po' });
    expect(pathsOf(ended)).toEqual(['de.po', 'comments']);
  });

  it('says that the lines of a .po file are only broken otherwise', async () => {
    const broken = Buffer.from(PO.replace('msgstr "öffne %s"', 'msgstr ""\n"öffne "\n"%s"'));
    const found = await compareAllWays(Buffer.from(PO), broken, { name: 'de.po' });
    expect(reasonsOf(found).map(({ kind }) => kind)).toEqual(['whitespace']);
  });

  it('says that a message is obsolete on one side', async () => {
    const message = (mark: string): Buffer => Buffer.from(`${PO}\n${mark}msgid "Old"\n${mark}msgstr "Alt"\n`);
    const found = await compareAllWays(message('#~ '), message(''), { name: 'de.po' });
    expect(reasonsOf(found)).toEqual([]);
    expect(changedLines(found)).toEqual(['-Old', '-  #~']);
  });

  it.each([
    ['line-endings', PO.replaceAll('\n', '\r\n')],
    [
      'order',
      PO.replace('#. A remark\n#: src/main.c:10 src/other.c:20\n', '#: src/main.c:10 src/other.c:20\n#. A remark\n'),
    ],
  ])('says of the same messages what differs in their lines: %s', async (kind, now) => {
    const found = await compareAllWays(Buffer.from(PO), Buffer.from(now), { name: 'de.po' });
    expect(reasonsOf(found).map((reason) => reason.kind)).toEqual([kind]);
  });

  it('compares by lines what only has the name of a .po file', async () => {
    const text = Buffer.from('msgid "a"\nnone\n');
    expect((await compareBytes(text, Buffer.from('msgid "b"\nnone\n'), { name: 'x.po' })).kind).toBe('text');
  });

  it('does not read messages over and over that lie upon each other', async () => {
    const hostile = Buffer.alloc(8192);
    hostile.set([0xde, 0x12, 4, 0x95, 0, 0, 0, 0, 0, 2, 0, 0, 28, 0, 0, 0, 28]);
    for (let index = 0; index < 512; index++) hostile.set([0, 16], 28 + 8 * index);
    expect(() => readMo(hostile, { messages: 1000, characters: 2 ** 20 })).toThrow(/more than 1048576 characters/);
    expect((await compareBytes(hostile, patched(hostile, 8000, [1]))).kind).not.toBe('identical');
  });

  it('never throws and never says equal, wherever one is cut or broken', () => survivesDamage(mo));
});
