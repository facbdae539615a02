import { stripVTControlCharacters } from 'node:util';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { canonicalJson, type RebuildRecord } from '../../../../model/index.ts';
import { recordJson } from '../../../../rebuilder/cli/report/record-json.ts';
import { recordText } from '../../../../rebuilder/cli/report/record-text.ts';
import { sampleRecord } from '../../../helpers/sample-record.ts';
import { driftedRecord, failedRecord, hostileRecord, unavailableRecord } from './records.ts';

// Made anew with `npx vitest run --project unit test/rebuilder/cli -u`; read the difference before committing it.
const golden = '../../../golden/record-text';
const plain = { width: 80, colour: false };

const records: readonly (readonly [string, RebuildRecord])[] = [
  ['reproducible', sampleRecord('0123456789ab')],
  ['environment-drift', driftedRecord],
  ['failed-to-build', failedRecord],
  ['source-unavailable', unavailableRecord],
  ['hostile', hostileRecord],
];

afterEach(() => {
  vi.unstubAllEnvs();
});

describe("a record's report", () => {
  it.each(records)('reads as expected: %s', async (name, record) => {
    await expect(recordText(record, plain)).toMatchFileSnapshot(`${golden}/${name}.txt`);
  });

  it('reads as expected in colour on a narrow terminal', async () => {
    await expect(recordText(driftedRecord, { width: 48, colour: true })).toMatchFileSnapshot(
      `${golden}/environment-drift-narrow-colour.txt`,
    );
  });

  it.each(records)('is the same text with and without colour: %s', (_name, record) => {
    const coloured = recordText(record, { width: 80, colour: true });
    expect(coloured).not.toBe(recordText(record, plain));
    expect(stripVTControlCharacters(coloured)).toBe(recordText(record, plain));
  });

  it.each([1, 40, 41, 60, 79, 80, 120, 200])('keeps within %i characters, but for words that are longer', (width) => {
    for (const [, record] of records) {
      for (const line of recordText(record, { width, colour: false }).trimEnd().split('\n')) {
        if (line.length <= Math.max(40, width)) continue;
        // What is left of the long word is no more than a label, and the word is not without end.
        expect(line.lastIndexOf(' ')).toBeLessThan(40);
        expect(line.length - line.lastIndexOf(' ')).toBeLessThanOrEqual(129);
      }
    }
  });

  it('is the same in another time zone and language', () => {
    const before = records.map(([, record]) => recordText(record, plain));
    vi.stubEnv('TZ', 'Pacific/Kiritimati');
    vi.stubEnv('LC_ALL', 'de_DE.UTF-8');
    vi.stubEnv('NO_COLOR', '1');
    expect(new Date(2026, 0, 1).getTimezoneOffset()).toBe(-840);
    expect(records.map(([, record]) => recordText(record, plain))).toEqual(before);
  });

  it('lets no character through that a terminal acts on', () => {
    for (const colour of [false, true]) {
      const text = stripStyles(recordText(hostileRecord, { width: 80, colour }));
      expect(text).not.toMatch(/[\0-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069]/);
      expect(text.split('\n').filter((line) => line.startsWith('reproducible'))).toEqual([]);
    }
  });

  it('as JSON is canonical, one line', () => {
    expect(recordJson(driftedRecord)).toBe(`${canonicalJson(driftedRecord)}\n`);
    expect(JSON.parse(recordJson(hostileRecord))).toEqual(hostileRecord);
    expect(recordJson(hostileRecord).split('\n')).toHaveLength(2);
  });
});

/** Removes only the styles that the report itself uses. */
function stripStyles(text: string): string {
  return text.replace(/\x1b\[(?:1|2|22|31|32|33|39)m/g, '');
}
