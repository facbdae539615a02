import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { REASON_KINDS } from '../../model/index.ts';

const page = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'differences.md'), 'utf8');
const reasons = (page.split('## Reasons\n')[1] ?? '').split(/^### /m).slice(1);

describe('docs/differences.md', () => {
  it('describes every kind of reason once, in the order of the list, and no other', () => {
    expect(reasons.map((section) => section.split('\n')[0])).toEqual([...REASON_KINDS]);
  });

  it.each(reasons.map((section) => section.split('\n\n')))('says of %s what it means', (_, text) => {
    expect(text).toMatch(/.{20,}\.\s*$/s);
  });

  it('names every part of a node', () => {
    const model = readFileSync(join(import.meta.dirname, '..', '..', 'model', 'difference.ts'), 'utf8');
    const type = /export type Difference = \{(.*?)\n\};/s.exec(model)?.[1] ?? '';
    const fields = [...type.matchAll(/readonly (\w+)\??:/g)].map(([, name]) => name as string);
    expect(fields.length).toBeGreaterThan(8);
    expect(fields.filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
  });
});
