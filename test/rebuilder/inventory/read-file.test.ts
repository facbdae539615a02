import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { canonicalJson } from '../../../model/index.ts';
import { FILE_LIMITS, type FileLimits, readInventory, readSubject } from '../../../rebuilder/inventory/index.ts';
import { artifactSbom, inventoryOfArtifact } from '../../../sbom/index.ts';
import { handMadeDeb } from '../../helpers/hand-made-deb.ts';
import { temporaryFolder } from '../../helpers/run-cli.ts';
import { sampleArtifact } from '../../helpers/sample-sbom.ts';
import { smallBuildInfo } from '../../helpers/small-buildinfo.ts';

const reading = { limits: FILE_LIMITS, signal: new AbortController().signal };

async function given(name: string, content: string | Uint8Array): Promise<string> {
  const path = join(await temporaryFolder(), name);
  await writeFile(path, content);
  return path;
}
const sbomLimits = (changes: Partial<FileLimits['sbom']>) => ({
  ...reading,
  limits: { ...FILE_LIMITS, sbom: { ...FILE_LIMITS.sbom, ...changes } },
});

describe('a file that an SBOM is asked of', () => {
  it('is what its first bytes say, whatever it is called', async () => {
    expect(await readSubject(await given('x.json', handMadeDeb([])), reading)).toMatchObject({
      kind: 'artifact',
      contents: { package: { name: 'small' }, file: { name: 'x.json' } },
    });
    expect(await readSubject(await given('x.deb', smallBuildInfo), reading)).toMatchObject({
      kind: 'environment',
      contents: {
        source: { name: 'less', version: '668-1' },
        packages: [
          { name: 'base-files', version: '13.8' },
          { name: 'gcc-14', version: '14.2.0-19' },
        ],
        sourceDateEpoch: 1_704_067_200,
      },
    });
  });

  it('is of the release that is given', async () => {
    const path = await given('x.deb', handMadeDeb([]));
    expect(await readSubject(path, { ...reading, suite: 'trixie' })).toMatchObject({
      contents: { package: { suite: 'trixie' } },
    });
  });

  it('tells how far its reading is', async () => {
    const deb = handMadeDeb([]);
    const steps: [number, number][] = [];
    await readSubject(await given('x.deb', deb), { ...reading, onProgress: (done, all) => steps.push([done, all]) });
    expect(steps.at(-1)).toEqual([deb.length, deb.length]);
  });

  it('is refused where it is none', async () => {
    const folder = await temporaryFolder();
    await mkdir(join(folder, 'folder.deb'));
    await expect(readSubject(join(folder, 'none.deb'), reading)).rejects.toMatchObject({ code: 'USAGE' });
    await expect(readSubject(join(folder, 'folder.deb'), reading)).rejects.toMatchObject({ code: 'USAGE' });
    await expect(readSubject(await given('x.json', '{}'), reading)).rejects.toMatchObject({ code: 'USAGE' });
    await expect(readSubject(await given('x', 'text'), reading)).rejects.toMatchObject({ code: 'BUILDINFO_INVALID' });
    await expect(readSubject(await given('x', ''), reading)).rejects.toMatchObject({ code: 'BUILDINFO_INVALID' });
    await expect(readSubject(await given('x', Buffer.from([0xff])), reading)).rejects.toMatchObject({
      code: 'BUILDINFO_INVALID',
    });
    const small = { ...reading, limits: { ...FILE_LIMITS, buildinfoBytes: 100 } };
    await expect(readSubject(await given('x', smallBuildInfo), small)).rejects.toMatchObject({
      code: 'BUILDINFO_INVALID',
    });
  });
});

describe('an SBOM that is read back', () => {
  const text = canonicalJson(artifactSbom(sampleArtifact, 'cyclonedx-1.7', { version: '0.1.0' }));

  it('lists what it was made from', async () => {
    const read = await readInventory(await given('x', text), reading);
    expect(new Set(read.items)).toEqual(new Set(inventoryOfArtifact(sampleArtifact).items));
  });

  it.each([
    ['a key twice', text.replace('"bomFormat":', '"bomFormat":"CycloneDX","bomFormat":'), 'FORMAT_MALFORMED'],
    ['a wrong type', text.replace('"version":1}', '"version":"1"}'), 'FORMAT_MALFORMED'],
    ['half of it', text.slice(0, text.length / 2), 'FORMAT_MALFORMED'],
    ['no UTF-8', Buffer.concat([Buffer.from(text.slice(0, -1)), Buffer.from([0xff])]), 'FORMAT_MALFORMED'],
    ['a byte order mark', `\ufeff${text}`, 'BUILDINFO_INVALID'],
    ['ten thousand lists in each other', '['.repeat(10_000), 'FORMAT_LIMIT'],
    ['a list in place of an object', '[]', 'FORMAT_MALFORMED'],
  ])('is refused with %s', async (_what, content, code) => {
    await expect(readInventory(await given('x', content), reading)).rejects.toMatchObject({ code });
  });

  it.each([{ bytes: text.length - 1 }, { values: 100 }, { depth: 3 }])(
    'is refused past the limit %j',
    async (limit) => {
      await expect(readInventory(await given('x', text), sbomLimits(limit))).rejects.toMatchObject({
        code: 'FORMAT_LIMIT',
      });
    },
  );
});
