import { describe, expect, it } from 'vitest';
import { ERROR_EXIT_STATUS } from '../../../../model/index.ts';
import { logRows } from './log-rows.ts';
import { otherRows } from './other-rows.ts';
import { policyRows } from './policy-rows.ts';
import { readerRows } from './reader-rows.ts';
import { answerTo, codeOf, untouched } from './scenario.ts';
import { statementRows } from './statement-rows.ts';

const rows = [...statementRows, ...logRows, ...readerRows, ...policyRows, ...otherRows];

describe('evidence that nobody touched', () => {
  it('holds, by three operators, and is built from independent sources', async () => {
    const answer = await answerTo(await untouched());
    expect(answer).toMatchObject({
      holds: true,
      agreeing: ['debian', 'google', 'ours.example'],
      reproducedIndependently: true,
      refused: [],
    });
    expect(answer.voices).toHaveLength(3);
  });
});

describe('tampering', () => {
  it('is tried in many ways, each with a name of its own and a code that is documented', () => {
    expect(rows.length).toBeGreaterThanOrEqual(60);
    expect(new Set(rows.map(({ what }) => what)).size).toBe(rows.length);
    expect(rows.map(({ code }) => code).filter((code) => !(code in ERROR_EXIT_STATUS))).toEqual([]);
  });

  it.each(rows)('with $what is refused: $code', async ({ code, change }) => {
    const scenario = await untouched();
    await change(scenario);
    expect(await codeOf(scenario)).toBe(code);
  });
});
