import { mkdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { chance, mutate } from '../fuzz/mutate.ts';
import { readSeeds } from '../fuzz/targets.ts';
import { runCli, temporaryFolder } from '../helpers/run-cli.ts';

const SEEDS = readSeeds(`${import.meta.dirname}/../fixtures/fuzz`);
const ANOTHER_DAY = join(import.meta.dirname, '../helpers/another-day.mjs');

/** Two folders in `home`: the seeds, and what became of them by a few changes each. */
async function foldersIn(home: string): Promise<void> {
  const random = chance(11);
  for (const side of ['left', 'right']) {
    await mkdir(join(home, side));
    for (const { name, bytes } of SEEDS) {
      const path = join(home, side, name);
      await writeFile(path, side === 'left' ? bytes : mutate(bytes, random, bytes));
      await utimes(path, 1_700_000_000, 1_700_000_000);
    }
  }
}

describe('every format, compared by the command line', () => {
  it('gives the same JSON in another time zone, locale and folder, on another day', async () => {
    const home = await temporaryFolder();
    await foldersIn(home);
    const here = await runCli(home, ['compare', '--json', 'left', 'right'], { TZ: 'UTC', LC_ALL: 'C' });
    const { difference } = JSON.parse(here.stdout) as { difference: { children: unknown[] } };
    expect(difference.children.length).toBeGreaterThan(SEEDS.length / 2);
    const elsewhere = [
      { TZ: 'Pacific/Apia', LANG: 'tr_TR.UTF-8', LC_ALL: 'tr_TR.UTF-8' },
      { TZ: 'America/St_Johns', LANG: 'de_DE', LC_COLLATE: 'de_DE', NODE_OPTIONS: `--import ${ANOTHER_DAY}` },
    ];
    for (const [index, environment] of elsewhere.entries()) {
      const folder = join(home, `run-${index}`);
      await mkdir(folder);
      const argv = ['compare', '--json', '../left', join(home, 'right')];
      expect(await runCli(folder, argv, environment)).toEqual(here);
    }
  }, 120_000);
});
