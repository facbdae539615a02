import { describe, expect, it } from 'vitest';
import { findCauses } from '../../../compare/causes/index.ts';
import { lineEdits } from '../../../compare/lines/line-edits.ts';
import type { Reason } from '../../../model/index.ts';

function reasons(left: string, right: string): readonly Reason[] {
  const pair = { left: left.split('\n'), right: right.split('\n'), leftOpen: false, rightOpen: false };
  return findCauses(pair, lineEdits(pair));
}
const kinds = (left: string, right: string): readonly string[] => reasons(left, right).map(({ kind }) => kind);

describe('the environment that a text holds', () => {
  it('names the variables of the environment that differ, with what they hold', () => {
    const of = (home: string, lang: string): string =>
      `PWD=/a\nexport LANG=${lang}\nFOO=${lang}\ndeclare -x HOME="${home}"\nLC_ALL=C`;
    expect(reasons(of('alice', 'C'), of('bob', 'de_DE.UTF-8'))).toEqual([
      {
        kind: 'metadata',
        evidence: 'variables of an environment differ: HOME LANG',
        left: 'HOME=alice LANG=C',
        right: 'HOME=bob LANG=de_DE.UTF-8',
      },
    ]);
    expect(kinds('LANG=C', 'LANGUAGE=C')).toEqual([]);
    expect(kinds('LANG = C', 'LANG = de')).toEqual([]);
    expect(kinds('LANG=C\nLANG=de', 'LANG=de\nLANG=C')).toEqual(['order']);
  });
});
