import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, it } from 'vitest';
import { explainHere, explainInChildren } from '../../../rebuilder/explain/index.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

const LIMITS = { nodes: 100, diffBytes: 16 * 1024 };

async function pair(left: string, right: string) {
  const folder = await temporaryFolder();
  const [published, rebuilt] = [path.join(folder, 'left'), path.join(folder, 'right')];
  await Promise.all([writeFile(published, left), writeFile(rebuilt, right)]);
  return { path: 'hello.txt', left: published, right: rebuilt, limits: LIMITS };
}

const unending = () => new AbortController().signal;

it('gives the tree that is made here', async () => {
  const task = await pair('one\ntwo\n', 'one\nthree\n');
  const tree = await explainInChildren(1)(task, unending());
  expect(tree).toEqual(await explainHere(task, unending()));
  expect(JSON.stringify(tree)).toContain('three');
});

it('serves others meanwhile, and goes through many in turn', async () => {
  const explain = explainInChildren(1);
  let turns = 0;
  const turning = setInterval(() => (turns += 1), 1);
  const tasks = await Promise.all(['a', 'b', 'c'].map((word) => pair('x\n', `${word}\n`)));
  const trees = await Promise.all(tasks.map((task) => explain(task, unending())));
  clearInterval(turning);
  expect(trees.map((tree) => /\+([abc])/.exec(JSON.stringify(tree))?.[1])).toEqual(['a', 'b', 'c']);
  expect(turns).toBeGreaterThan(20);
});

it('ends with INTERRUPTED, before its turn as well as in it', async () => {
  const explain = explainInChildren(1);
  const stop = new AbortController();
  const task = await pair('x\n', 'y\n');
  const running = [explain(task, stop.signal), explain(task, stop.signal)];
  stop.abort();
  for (const one of running) await expect(one).rejects.toMatchObject({ code: 'INTERRUPTED' });
});

it('tells what went wrong there, and of a process that ended without a word', async () => {
  const task = await pair('x\n', 'y\n');
  await expect(explainInChildren(1)({ ...task, right: '/nowhere/at/all' }, unending())).rejects.toThrow();
  await expect(explainInChildren(1, 1)(task, unending())).rejects.toMatchObject({ code: 'PROGRAM_FAILED' });
});
