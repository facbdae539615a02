import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RebuildRecord } from '../../model/index.ts';
import { runProgram } from '../../programs/index.ts';
import { parseBuildInfo } from '../../rebuilder/ecosystem/debian/buildinfo.ts';
import { environmentDrift, SBOM_FORMATS } from '../../sbom/index.ts';
import { releasedPackages } from '../helpers/archive-versions.ts';
import { cycloneDxErrors } from '../helpers/cyclonedx-validator.ts';
import { debianImage, docker } from '../helpers/debian-image.ts';
import { LAB_FOLDER, labOptions, rebuildDsc } from '../helpers/engine-lab.ts';
import { layArtifacts, recordedPackages } from '../helpers/recorded-lab.ts';
import { runCli } from '../helpers/run-cli.ts';
import { makeSourcePackage } from '../helpers/source-package.ts';

/** Of all kinds: a library of C, scripts, a program with a copyright file of free text, many files, symbolic links. */
const PACKAGES = ['hostname', 'liburi-perl', 'procmail', 'zlib1g', 'cowsay'];
const JUDGES = ['python3-spdx-tools', 'python3-cyclonedx-lib', 'python3-jsonschema'];
const SETTINGS = ['--data', labOptions().dataFolder, '--cache', labOptions().cacheFolder];

/** Prints a line of each document in the current folder: its name and "valid", or what its judge says. */
const JUDGE = `import contextlib, glob, io
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from spdx_tools.spdx.clitools.pyspdxtools import main as pyspdxtools
for name in sorted(glob.glob('*.json')):
    said = io.StringIO()
    if '.spdx-2.3.' in name:
        with contextlib.redirect_stderr(said):
            try:
                pyspdxtools(['-i', name], standalone_mode=False)
            except SystemExit:
                pass
        found = said.getvalue()
    else:
        version = SchemaVersion.V1_7 if '.cyclonedx-1.7.' in name else SchemaVersion.V1_6
        found = JsonStrictValidator(version).validate_str(open(name).read())
    print(name, found or 'valid', flush=True)
`;

let folder = '';
let record: RebuildRecord;
/** The names of all documents that were written. */
const written: string[] = [];

async function sbom(name: string, argv: readonly string[]): Promise<string> {
  const one = await runCli(folder, ['sbom', ...argv], { TZ: 'UTC', LANG: 'C.UTF-8' });
  expect(one).toMatchObject({ status: 0, stderr: '' });
  const other = await runCli(folder, ['sbom', ...argv], {
    TZ: 'Pacific/Kiritimati',
    LANG: 'tr_TR.UTF-8',
    LC_ALL: 'tr_TR.UTF-8',
  });
  expect(other.stdout, `${name} in another time zone and locale`).toBe(one.stdout);
  await writeFile(join(folder, name), one.stdout);
  written.push(name);
  return one.stdout;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'reproof-sbom-'));
  const source = await makeSourcePackage({
    name: 'sbom-elf',
    folder,
    binary: `echo 'int main(void) { return 42; }' > hello.c
gcc -O2 -s -o debian/tmp/usr/share/sbom-elf/hello hello.c`,
  });
  record = await rebuildDsc(source.dscPath, labOptions(), { control: false });
}, 600_000);

afterAll(() => rm(folder, { recursive: true, force: true }));

describe.each(SBOM_FORMATS)('SBOMs of %s', (format) => {
  it('of five real packages are the same bytes twice, and hold every file that dpkg-deb lists', async () => {
    for (const { name, path } of await releasedPackages(PACKAGES)) {
      await copyFile(path, join(folder, name));
      const text = await sbom(`${name}.${format}.json`, [name, '--format', format, '--suite', 'trixie']);
      if (format !== 'spdx-2.3')
        expect(await cycloneDxErrors(text, format === 'cyclonedx-1.6' ? '1.6' : '1.7')).toBeNull();
      const listed = await runProgram(['dpkg-deb', '--contents', join(folder, name)], {
        limits: { wallSeconds: 30, outputBytes: 10_000_000 },
      });
      const files = listed.stdout
        .toString()
        .split('\n')
        .filter((line) => /^[-h]/.test(line));
      const count = format === 'spdx-2.3' ? /"fileName":"\.\//g : /"SHA-1"/g;
      expect(text.match(count)?.length, name).toBe(files.length);
    }
  });

  it('of a real rebuild are the same bytes twice, with every package of its lock and its digest', async () => {
    const text = await sbom(`rebuild.${format}.json`, [record.id, '--format', format, ...SETTINGS]);
    if (format !== 'spdx-2.3')
      expect(await cycloneDxErrors(text, format === 'cyclonedx-1.6' ? '1.6' : '1.7')).toBeNull();
    const lock = JSON.parse(await readFile(join(LAB_FOLDER, 'data', 'rebuilds', record.id, 'lock.json'), 'utf8'));
    const packages = lock.layers.flatMap((layer: { packages: object[] }) => layer.packages);
    expect(packages.length).toBeGreaterThan(80);
    for (const { sha256 } of packages) expect(text).toContain(sha256);
    expect(text).toContain(record.environment?.rootfsDigest);
  });

  it("of that build's own .buildinfo are the same bytes twice", async () => {
    const { name } = await layArtifacts(record, folder);
    expect(await sbom(`buildinfo.${format}.json`, [name, '--format', format])).toContain('"base-files"');
  });
});

describe('what was written', () => {
  it("satisfies Debian's own tools: pyspdxtools, and the validator of python3-cyclonedx-lib", async () => {
    const image = await debianImage('sid', JUDGES, 'sbom');
    await writeFile(join(folder, 'broken.spdx-2.3.json'), '{"spdxVersion":"SPDX-2.3"}');
    const broken = (await readFile(join(folder, 'rebuild.cyclonedx-1.6.json'), 'utf8')).replace(
      '"bomFormat"',
      '"more":1,"bomFormat"',
    );
    await writeFile(join(folder, 'broken.cyclonedx-1.6.json'), broken);
    const mount = ['--volume', `${folder}:/judged:ro`, '--workdir', '/judged'];
    const run = await docker(['run', '--rm', '--interactive', '--network', 'none', ...mount, image, 'python3', '-'], {
      input: Buffer.from(JUDGE),
      wallSeconds: 300,
    });
    expect(run).toMatchObject({ status: 0 });
    const said = run.stdout.toString();
    expect(written).toHaveLength(3 * (PACKAGES.length + 2));
    for (const name of written) expect(said).toContain(`${name} valid\n`);
    expect(said).not.toMatch(/broken.*valid\n/);
    expect(said).toMatch(/^broken\.spdx-2\.3\.json ./m);
    expect(said).toMatch(/^broken\.cyclonedx-1\.6\.json ./m);
  });
});

describe('the drift between a real build and its own .buildinfo', () => {
  it('is none: every build dependency is in the lock in the same version', async () => {
    const { buildInfo } = await layArtifacts(record, folder);
    const lock = JSON.parse(await readFile(join(LAB_FOLDER, 'data', 'rebuilds', record.id, 'lock.json'), 'utf8'));
    const { counts } = environmentDrift(parseBuildInfo(buildInfo, 'x.buildinfo'), lock);
    expect(counts).toMatchObject({ removed: 0, version: 0, bytes: 0 });
    expect(counts.sameVersion).toBe(recordedPackages(buildInfo).length);
  });

  it('is told by the command, of the .buildinfo and the rebuild', async () => {
    const { name } = await layArtifacts(record, folder);
    const { stdout, status } = await runCli(folder, ['sbom', 'diff', name, record.id, '--json', ...SETTINGS]);
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ counts: { removed: 0, version: 0 } });
  });
});
