import { describe, expect, it } from 'vitest';
import { readSources, type Source } from './sources.ts';

/** What no file may hold, and which files are looked at. The patterns are written so that they do not match themselves. */
const houseRules: readonly {
  readonly name: string;
  readonly applies: (path: string) => boolean;
  readonly broken: (text: string, path: string) => boolean;
  readonly offence: Source;
}[] = [
  {
    name: 'no file is longer than 300 lines',
    // docs/errors.md is a list with a section for each code, which is looked up and not read.
    applies: (path) => !/package-lock\.json$|^LICENSE$|^docs\/errors\.md$|\/(?:fixtures|golden)\//.test(path),
    broken: (text) => text.split('\n').length > 301,
    offence: { path: 'model/planted.ts', text: '\n'.repeat(301) },
  },
  {
    name: "no file names a folder of somebody's machine",
    applies: () => true,
    broken: (text) => /(?<![\w.~}])\/work\//.test(text),
    offence: { path: 'docs/planted.md', text: `see ${['', 'work', 'main', 'x'].join('/')}` },
  },
  {
    name: 'no lock file names the registry it was made with',
    applies: (path) => /package-lock\.json$/.test(path),
    broken: (text) => /"resolved"\s*:/.test(text),
    offence: { path: 'package-lock.json', text: '{ "resolved": "https://example.org/a.tgz" }' },
  },
  {
    name: 'no test is left out or run alone',
    applies: (path) => /\.test\.ts$/.test(path),
    broken: (text) => /\.(?:only|skip|skipIf|runIf|todo)\s*\(/.test(text),
    offence: { path: 'test/planted.test.ts', text: `it${'.'}only('x', () => {});` },
  },
  {
    name: 'no file is named for nothing in particular',
    applies: (path) => /(?:^|\/)(?:utils?|common|misc|helpers?|managers?)\.ts$/.test(path),
    broken: () => true,
    offence: { path: 'formats/utils.ts', text: '' },
  },
  {
    name: 'every TypeScript file is named in kebab-case',
    applies: (path) => /\.ts$/.test(path),
    broken: (_text, path) => !/(?:^|\/)[a-z0-9]+(?:[-.][a-z0-9]+)*\.ts$/.test(path),
    offence: { path: 'model/plantedName.ts', text: '' },
  },
];

describe('the house', () => {
  const sources = readSources();

  it('is looked at in full', () => {
    const paths = sources.map(({ path }) => path);
    expect(paths.length).toBeGreaterThan(30);
    expect(paths).toEqual(
      expect.arrayContaining(['reproof', '.ci/setup.sh', 'model/errors.ts', 'docs/errors.md', 'package-lock.json']),
    );
  });

  it.each(houseRules)('$name', ({ applies, broken, offence }) => {
    const caught = [...sources, offence].filter(({ path, text }) => applies(path) && broken(text, path));
    expect(caught.map(({ path }) => path)).toEqual([offence.path]);
  });
});
