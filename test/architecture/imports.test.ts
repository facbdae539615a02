import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { judgeImports, type Offence, readRules, root } from './cruise.ts';

/** One file that breaks the rule of its name; "to" is what the rule should point at. */
const planted: Readonly<Record<string, { readonly file: string; readonly text: string; readonly to: RegExp }>> = {
  'no-cycle': { file: 'formats/planted-a.ts', text: "import './planted-b.ts';", to: /planted-b/ },
  'every-import-is-found': { file: 'formats/planted-c.ts', text: "import './not-there.ts';", to: /not-there/ },
  'model-imports-nothing': { file: 'model/planted.ts', text: "import 'zod';", to: /zod/ },
  'programs-import-only-model': { file: 'programs/planted.ts', text: "import '../formats/index.ts';", to: /formats/ },
  'formats-import-only-model': { file: 'formats/planted.ts', text: "import '../programs/index.ts';", to: /programs/ },
  'compare-imports-what-is-below-it': {
    file: 'compare/planted.ts',
    text: "import '../sbom/index.ts';",
    to: /sbom/,
  },
  'sbom-imports-only-model': { file: 'sbom/planted.ts', text: "import '../formats/index.ts';", to: /formats/ },
  'attest-imports-only-model': { file: 'attest/planted.ts', text: "import '../sbom/index.ts';", to: /sbom/ },
  'verifying-needs-no-signer': {
    file: 'attest/verify/planted.ts',
    text: "import '../signer.ts';",
    to: /signer/,
  },
  'dashboard-imports-only-model-and-what-it-draws-with': {
    file: 'dashboard/planted.ts',
    text: "import 'node:fs';",
    to: /fs/,
  },
  'only-the-server-shows-pages': {
    file: 'rebuilder/queue/planted-page.ts',
    text: "import '../../dashboard/index.ts';",
    to: /dashboard/,
  },
  'only-server-and-cli-serve': {
    file: 'rebuilder/queue/planted.ts',
    text: "import '../server/planted.ts';",
    to: /server/,
  },
  'parts-do-not-reach-up': {
    file: 'rebuilder/fetch/planted.ts',
    text: "import '../../compare/index.ts';",
    to: /compare/,
  },
  'only-cli-enters-cli': {
    file: 'rebuilder/planted.ts',
    text: "import './cli/planted.ts';",
    to: /cli/,
  },
  'folders-are-entered-by-their-index': {
    file: 'rebuilder/planted-side-door.ts',
    text: "import type { Sha256 } from '../model/digest.ts'; export type Planted = Sha256;",
    to: /digest/,
  },
  'nothing-imports-tests': {
    file: 'rebuilder/planted-test.ts',
    text: "import '../test/planted.ts';",
    to: /test/,
  },
  'programs-start-in-one-place': {
    file: 'rebuilder/planted-child.ts',
    text: "using planted = new DisposableStack(); import 'node:child_process';",
    to: /child_process/,
  },
  'network-only-in-fetch': { file: 'rebuilder/store/planted.ts', text: "import 'undici';", to: /undici/ },
  'sql-only-in-store': { file: 'rebuilder/planted-sql.ts', text: "import 'better-sqlite3';", to: /sqlite/ },
  'engine-only-where-builds-run': { file: 'rebuilder/planted-engine.ts', text: "import 'dockerode';", to: /dockerode/ },
  'no-files-in-pure-folders': { file: 'compare/planted-fs.ts', text: "import 'node:fs/promises';", to: /fs/ },
  'no-development-package-in-the-product': {
    file: 'rebuilder/planted-dev.ts',
    text: "import 'fast-check';",
    to: /fast-check/,
  },
};

/** Files that planted ones import. */
const support = {
  'formats/planted-b.ts': "import './planted-a.ts';",
  'rebuilder/cli/planted.ts': 'export {};',
  'rebuilder/server/planted.ts': 'export {};',
  'test/planted.ts': 'export {};',
  'formats/index.ts': 'export {};',
  'compare/index.ts': 'export {};',
  'sbom/index.ts': 'export {};',
  'dashboard/index.ts': 'export {};',
};

describe('who imports whom', () => {
  it('is as the rules say, in every file there is', { timeout: 60_000 }, async () => {
    const { files, offences } = await judgeImports();
    // A parser that does not know the language finds no files, and then no offences.
    expect(files.length).toBeGreaterThan(20);
    expect(files).toEqual(expect.arrayContaining(['model/index.ts', 'programs/run.ts', 'rebuilder/fetch/types.ts']));
    expect(offences).toEqual([]);
  });
});

describe('the rules', () => {
  let offences: readonly Offence[];

  beforeAll(async () => {
    const missing = Object.entries(support).filter(
      ([path]) => !path.endsWith('/index.ts') || !existsSync(join(root, path)),
    );
    const offending = Object.values(planted).map(({ file, text }) => [file, text] as const);
    ({ offences } = await judgeImports(Object.fromEntries([...missing, ...offending])));
    // Every file is read: on a machine with much else to do that takes longer than hooks usually may.
  }, 60_000);

  it('each have a planted offence', () => {
    const { forbidden = [] } = readRules();
    expect(forbidden.map((rule) => rule.name).sort()).toEqual(Object.keys(planted).sort());
  });

  it.each(Object.entries(planted))('%s catches its offence', (rule, { file, to }) => {
    const caught = offences.filter((offence) => offence.rule === rule && offence.from === file);
    expect(caught).toHaveLength(1);
    expect(caught[0]?.to).toMatch(to);
  });
});
