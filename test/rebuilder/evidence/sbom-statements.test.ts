import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type RebuildFacts, statementBytes } from '../../../attest/index.ts';
import { planDigest, sha256Of } from '../../../model/index.ts';
import { dataKeys } from '../../../rebuilder/evidence/index.ts';
import { openEvidence } from '../../../rebuilder/evidence/open-evidence.ts';
import { sbomStatements } from '../../../rebuilder/evidence/sbom-statements.ts';
import { openStatementFiles } from '../../../rebuilder/store/index.ts';
import { attestedRebuild } from '../../helpers/attested-rebuild.ts';
import { makeDeb } from '../../helpers/debian-packages.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

const NAME = 'less_668-1_amd64.deb';

/** A rebuild whose package came out as published with these bytes, which are kept. */
async function rebuildOf(bytes: Uint8Array) {
  const folder = await temporaryFolder();
  const sha256 = sha256Of(bytes);
  await writeFile(join(folder, sha256), bytes);
  const { plan: sample, record: told } = attestedRebuild();
  const file = { name: NAME, size: bytes.length, sha256 };
  const plan = {
    ...sample,
    expected: sample.expected.filter(({ name }) => name === NAME).map((one) => ({ ...one, ...file })),
  };
  const record = {
    ...told,
    planDigest: planDigest(plan),
    artifacts: [{ kind: 'identical' as const, name: NAME, published: file, rebuilt: file }],
  };
  const facts: RebuildFacts = { plan, record };
  const locate = async (digest: string) => (digest === sha256 ? join(folder, digest) : undefined);
  return { facts, sha256, locate };
}

describe('the SBOMs of a rebuild', () => {
  it('are statements about the published file: what is in it, and what it was built in', async () => {
    const folder = await temporaryFolder();
    const control = { Package: 'less', Version: '668-1', Architecture: 'amd64' };
    const { bytes } = await makeDeb(folder, control, { 'usr/bin/less': Buffer.from('more') });
    const { facts, sha256, locate } = await rebuildOf(bytes);
    const { statements } = await sbomStatements(facts, locate);
    expect(statements.map(({ name, statement }) => [name, statement.predicateType])).toEqual([
      ['less_668-1_amd64.environment.cyclonedx', 'https://cyclonedx.org/bom'],
      ['less_668-1_amd64.environment.spdx', 'https://spdx.dev/Document'],
      [`${NAME}.cyclonedx`, 'https://cyclonedx.org/bom'],
      [`${NAME}.spdx`, 'https://spdx.dev/Document'],
    ]);
    for (const { statement } of statements) expect(statement.subject).toEqual([{ name: NAME, digest: { sha256 } }]);
    expect(JSON.stringify(statements[0]?.statement.predicate)).toContain('pkg:deb/debian/libc6@2.41-12');
    expect(JSON.stringify(statements[2]?.statement.predicate)).toContain(sha256Of('more'));
    const again = await sbomStatements(facts, locate);
    expect(again.statements.map(({ statement }) => sha256Of(statementBytes(statement)))).toEqual(
      statements.map(({ statement }) => sha256Of(statementBytes(statement))),
    );
  });

  it('are about the rebuilt file too where that is another', async () => {
    const folder = await temporaryFolder();
    const control = { Package: 'less', Version: '668-1', Architecture: 'amd64' };
    const { bytes } = await makeDeb(folder, control, { 'usr/bin/less': Buffer.from('other') });
    const { facts, sha256, locate } = await rebuildOf(bytes);
    const rebuilt = { name: NAME, size: bytes.length, sha256 };
    const published = { ...rebuilt, sha256: '4'.repeat(64) };
    const plan = {
      ...attestedRebuild().plan,
      expected: facts.plan?.expected.map((one) => ({ ...one, ...published })) ?? [],
    };
    const record = {
      ...facts.record,
      planDigest: planDigest(plan),
      artifacts: [{ kind: 'differs' as const, name: NAME, published, rebuilt }],
    };
    const { statements, failures } = await sbomStatements({ plan, record }, locate);
    expect(failures).toEqual([]);
    expect(statements.slice(2).map(({ name, statement }) => [name, statement.subject])).toEqual(
      ['cyclonedx', 'spdx'].map((kind) => [`${NAME}.rebuilt.${kind}`, [{ name: NAME, digest: { sha256 } }]]),
    );
    expect(JSON.stringify(statements[2]?.statement.predicate)).toContain(sha256Of('other'));
  });

  it.each([
    ['cannot be read', Buffer.from('no package')],
    ['is not kept any more', undefined],
  ])('are those of the environment where the file %s', async (_, bytes) => {
    const { facts, locate } = await rebuildOf(bytes ?? Buffer.from('gone'));
    const { statements, failures } = await sbomStatements(facts, bytes === undefined ? async () => undefined : locate);
    expect(failures).toEqual([]);
    expect(statements.map(({ name }) => name)).toEqual([
      'less_668-1_amd64.environment.cyclonedx',
      'less_668-1_amd64.environment.spdx',
    ]);
  });

  it('are none without a published file', async () => {
    const { record } = attestedRebuild();
    const { planDigest: _, ...unplanned } = record;
    expect(await sbomStatements({ record: unplanned }, async () => undefined)).toEqual({
      statements: [],
      failures: [],
    });
  });

  it.each([
    ['whose disk fails', 'input/output error'],
    ['whose bytes are others', 'its bytes are not those'],
  ])('are told of and left out for a file %s, and the rest of the evidence is signed', async (_, why) => {
    const folder = await temporaryFolder();
    const control = { Package: 'less', Version: '668-1', Architecture: 'amd64' };
    const { bytes } = await makeDeb(folder, control, { 'usr/bin/less': Buffer.from('more') });
    const { facts } = await rebuildOf(Buffer.concat([bytes, Buffer.from('\n')]));
    await writeFile(join(folder, 'other.deb'), bytes);
    const evidence = openEvidence({
      files: openStatementFiles(join(folder, 'statements')),
      keys: dataKeys({ dataFolder: folder, now: () => new Date() }),
      openLog: async () => Promise.reject(new Error('not asked for')),
      locate: async () => {
        if (why === 'input/output error') throw new Error(why);
        return join(folder, 'other.deb');
      },
    });
    const { statements, failures } = await evidence.attest(facts);
    expect(failures).toEqual([expect.stringContaining(why)]);
    expect(statements.map(({ name }) => name)).toEqual([
      `${NAME}.comparison`,
      'less_668-1_amd64.provenance',
      'less_668-1_amd64.environment.cyclonedx',
      'less_668-1_amd64.environment.spdx',
    ]);
  });
});
