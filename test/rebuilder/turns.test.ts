import { setImmediate as loopTurn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { openTurns } from '../../rebuilder/turns.ts';

it('lets so many go on in each turn of the event loop, in the order they came, and others in between', async () => {
  const turn = openTurns(2);
  const went: string[] = [];
  const follow = async (name: string): Promise<void> => {
    for (let index = 0; index < 2; index++) {
      await turn();
      went.push(name);
    }
  };
  const all = Promise.all(['a', 'b', 'c'].map(follow));
  const other = (async () => {
    for (let index = 0; index < 3; index++) {
      await loopTurn();
      went.push('|');
    }
  })();
  await Promise.all([all, other]);
  expect(went.join('').replaceAll('|', '')).toBe('abcabc');
  expect(went.slice(0, 3)).toEqual(['a', 'b', '|']);
});
