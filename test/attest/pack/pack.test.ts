import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sbomStatement } from '../../../attest/index.ts';
import { isPack, layOut, PACK_LIMITS, readPack, writePack } from '../../../attest/pack/index.ts';
import { isReproofError, sha256Of } from '../../../model/index.ts';
import { runProgram } from '../../../programs/index.ts';
import { writeLaidOut } from '../../../rebuilder/evidence-pack/index.ts';
import {
  attest,
  bundleBytes,
  FILE,
  FILE_BYTES,
  packBytes,
  sampleFacts,
  sampleRebuilder,
  statementsOf,
} from '../../helpers/verify-lab.ts';

const ours = sampleRebuilder();
let folder = '';
let pack: Buffer = Buffer.alloc(0);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'reproof-pack-'));
  const attested = await attest(ours, statementsOf(sampleFacts()));
  pack = Buffer.from(await packBytes(ours, attested, [{ sha256: FILE.sha256, bytes: FILE_BYTES }]));
  await writeFile(join(folder, 'x.tar'), pack);
});

afterAll(() => rm(folder, { recursive: true, force: true }));

function* inPieces(bytes: Buffer, length: number): Iterable<Uint8Array> {
  for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length);
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'none',
    (error: unknown) => (isReproofError(error) ? error.code : String(error)),
  );
}

describe('a pack', () => {
  it('is a tar archive that tar lists and unpacks to the same bytes', async () => {
    const limits = { wallSeconds: 30, outputBytes: 1_000_000 };
    const listed = await runProgram(['tar', 'tvf', 'x.tar'], { limits, cwd: folder });
    expect(listed.status).toBe(0);
    expect(listed.stderr).toBe('');
    const names = listed.stdout
      .toString()
      .trim()
      .split('\n')
      .map((line) => line.split(' ').at(-1) ?? '');
    expect(names[0]).toBe('reproof-evidence.json');
    expect(names.at(-1)).toBe(`artifacts/${FILE.sha256}`);
    for (const name of names.filter((each) => each.includes('/'))) {
      const { stdout } = await runProgram(['tar', 'xOf', 'x.tar', name], { limits, cwd: folder });
      expect(sha256Of(stdout)).toBe(/[0-9a-f]{64}/.exec(name)?.[0]);
    }
  });

  it('is the same bytes whatever order it is made in', async () => {
    const { bundles } = await attest(ours, statementsOf(sampleFacts()));
    const made = async (statements: readonly Uint8Array[]) =>
      Buffer.concat(
        await Array.fromAsync(
          writePack({
            statements,
            links: [Buffer.from('b'), Buffer.from('a')],
            singles: { checkpoint: 'c' },
            artifacts: [],
          }),
        ),
      );
    const bytes = bundles.map(bundleBytes);
    expect(await made(bytes)).toEqual(await made(bytes.toReversed()));
  });

  it.each([1, 7, 511, 1_000_000])('is read the same in pieces of %i bytes', async (length) => {
    expect(await readPack(inPieces(pack, length))).toEqual(await readPack([pack]));
  });

  it('is refused when it is cut at any byte', async () => {
    const whole = pack.length;
    // Every place in the first blocks and around each block's edge after them.
    const places = Array.from({ length: whole }, (_, at) => at).filter(
      (at) => at < 1_100 || at % 512 < 2 || whole - at < 600,
    );
    expect(places.length).toBeGreaterThan(1_000);
    const codes = await Promise.all(places.map((at) => codeOf(readPack([pack.subarray(0, at)]))));
    expect(new Set(codes)).toEqual(new Set(['EVIDENCE_MALFORMED']));
  });

  it('is refused past each limit by one', async () => {
    const { statements, singles, artifacts } = await readPack([pack]);
    const kept = [...statements, ...Object.values(singles)].reduce((sum, bytes) => sum + (bytes?.length ?? 0), 0);
    const members = statements.length + Object.keys(singles).length + artifacts.length;
    for (const [limit, most] of [
      ['keptBytes', kept],
      ['members', members],
      ['artifactBytes', FILE_BYTES.length],
    ] as const) {
      expect(await codeOf(readPack([pack], { ...PACK_LIMITS, [limit]: most }))).toBe('none');
      expect(await codeOf(readPack([pack], { ...PACK_LIMITS, [limit]: most - 1 }))).toBe('EVIDENCE_LIMIT');
    }
  });

  it('is told from other files by its first bytes', () => {
    expect(isPack(pack)).toBe(true);
    expect(isPack(Buffer.from('reproof-evidence.json'))).toBe(false);
  });
});

describe('what is laid out of a pack', () => {
  it('has a bundle, an envelope and what openssl takes for each statement, and sums of all', async () => {
    const place = join(folder, 'out');
    const { files } = await writeLaidOut(Readable.from([pack]), place);
    const stem = (word: string) =>
      ['dsse.json', 'sig', 'signed', 'sigstore.json'].map((end) => `${FILE.name}.${word}.${end}`);
    expect(files).toEqual(
      [
        'README.md',
        'SHA256SUMS',
        'checkpoint',
        'checkpoint.sig',
        'checkpoint.signed',
        FILE.name,
        ...stem('comparison'),
        ...stem('provenance'),
        'log.pub',
        'statement.pub',
        'trusted-root.json',
      ].sort(),
    );
    expect((await readdir(place)).sort()).toEqual(files);
    expect(await readFile(join(place, FILE.name))).toEqual(FILE_BYTES);
    const { status } = await runProgram(['sha256sum', '-c', '--quiet', 'SHA256SUMS'], {
      limits: { wallSeconds: 30, outputBytes: 100_000 },
      cwd: place,
    });
    expect(status).toBe(0);
  });

  it('has SBOMs as files of their own, those of the environment by that name', async () => {
    const subjects = [FILE];
    const documents = [
      sbomStatement(subjects, { kind: 'cyclonedx', document: { bomFormat: 'CycloneDX' } }),
      sbomStatement(subjects, { kind: 'cyclonedx', document: { bomFormat: 'CycloneDX', formulation: [] } }),
      sbomStatement(subjects, {
        kind: 'spdx',
        document: { relationships: [{ relationshipType: 'BUILD_DEPENDENCY_OF' }] },
      }),
    ];
    const { files } = layOut(await readPack([await packBytes(ours, await attest(ours, documents))]));
    const text = (name: string) => Buffer.from(files.find((file) => file.name === name)?.bytes ?? '').toString();
    expect(text(`${FILE.name}.cdx.json`)).toBe('{"bomFormat":"CycloneDX"}\n');
    expect(text('environment.cdx.json')).toBe('{"bomFormat":"CycloneDX","formulation":[]}\n');
    expect(text('environment.spdx.json')).toContain('BUILD_DEPENDENCY_OF');
    expect(text('README.md')).toContain(
      `cosign verify-blob-attestation --bundle ${FILE.name}.cdx.sigstore.json --key statement.pub --trusted-root trusted-root.json --type cyclonedx ${FILE.name}`,
    );
    expect(text('README.md')).toContain(
      `cosign verify-blob-attestation --bundle environment.spdx.sigstore.json --key statement.pub --trusted-root trusted-root.json --type spdxjson ${FILE.name}`,
    );
    expect(text('README.md')).toContain('-signature environment.spdx.sig environment.spdx.signed');
  });

  it('has the SBOM of a rebuilt file that differs beside the published one’s', async () => {
    const rebuilt = { ...FILE, size: FILE_BYTES.length, sha256: '9'.repeat(64) };
    const [artifact] = sampleFacts().record.artifacts;
    if (artifact?.kind !== 'identical') throw new Error('the sample is reproducible');
    const { published } = artifact;
    const facts = sampleFacts({
      artifacts: [{ kind: 'differs', name: FILE.name, published, rebuilt }],
      verdict: { kind: 'unreproducible', reason: 'different', detail: '' },
    });
    const sbom = (sha256: string, of: string) =>
      sbomStatement([{ name: FILE.name, sha256 }], { kind: 'cyclonedx', document: { of } });
    const statements = [sbom(rebuilt.sha256, 'rebuilt'), sbom(FILE.sha256, 'published'), ...statementsOf(facts)];
    const { files } = layOut(await readPack([await packBytes(ours, await attest(ours, statements))]));
    const text = (name: string) => Buffer.from(files.find((file) => file.name === name)?.bytes ?? '').toString();
    expect(text(`${FILE.name}.rebuilt.cdx.json`)).toBe('{"of":"rebuilt"}\n');
    expect(text(`${FILE.name}.cdx.json`)).toBe('{"of":"published"}\n');
    expect(text('README.md')).toContain(
      `--bundle ${FILE.name}.rebuilt.cdx.sigstore.json --key statement.pub --trusted-root trusted-root.json --type cyclonedx rebuilt/${FILE.name}`,
    );
  });

  it('goes into no folder that has something in it', async () => {
    expect(await codeOf(writeLaidOut(Readable.from([pack]), folder))).toBe('USAGE');
  });

  it('is named by what was signed, and refused where a name could lead anywhere', async () => {
    for (const name of [
      '../../etc/passwd',
      '/etc/passwd',
      '-rf',
      '.bashrc',
      'a b',
      'a;b',
      'a\nb',
      '$(id)',
      'x'.repeat(300),
    ]) {
      const statements = statementsOf(sampleFacts()).map((statement) => ({
        ...statement,
        subject: statement.subject.map((subject) => ({ ...subject, name })),
      }));
      const bytes = await packBytes(ours, await attest(ours, statements));
      const read = await readPack([bytes]);
      expect(() => layOut(read), name).toThrow(expect.objectContaining({ code: 'EVIDENCE_MALFORMED' }));
    }
  });

  it('is refused where the key in the pack did not sign', async () => {
    const attested = await attest(ours, statementsOf(sampleFacts()));
    const read = await readPack([await packBytes({ ...ours, signer: ours.logSigner }, attested)]);
    expect(() => layOut(read)).toThrow(expect.objectContaining({ code: 'EVIDENCE_SIGNATURE_INVALID' }));
  });

  it('is nothing where the pack turns out to be other bytes in the end', async () => {
    const damaged = Buffer.from(pack);
    damaged[pack.length - 1024 - 512] = 0;
    const place = join(folder, 'damaged');
    expect(await codeOf(writeLaidOut(Readable.from([damaged]), place))).toBe('EVIDENCE_MALFORMED');
    expect(await readdir(place)).toEqual([]);
  });
});
