import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { openEnvelope, PAYLOAD_TYPE, publicKeyText, readEnvelope, readPublicKeyText } from '../../../attest/index.ts';
import { writePack } from '../../../attest/pack/index.ts';
import { readBundle } from '../../../attest/verify/index.ts';
import { dataKeys, openDataEvidence } from '../../../rebuilder/evidence/index.ts';
import { packOfOwner, writeLaidOut, writePackFile } from '../../../rebuilder/evidence-pack/index.ts';
import { openStore } from '../../../rebuilder/store/index.ts';
import { lab, linkBy } from '../../attest/verify/tamperings/scenario.ts';
import { runCli } from '../../helpers/run-cli.ts';
import { sampleRequest } from '../../helpers/sample-record.ts';
import { FILE, FILE_BYTES, policyBytes, sampleFacts } from '../../helpers/verify-lab.ts';

let home = '';
let id = '';
const data = () => join(home, 'data');
const at = (name: string) => join(home, name);

/** A data folder with one rebuild that was attested and published, the file it was about beside it, a pack and a policy. */
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'reproof-verify-'));
  const store = await openStore(data());
  const place = { dataFolder: data(), now: () => new Date('2026-01-02T00:00:00Z') };
  const evidence = openDataEvidence(place);
  id = await store.createRebuild(sampleRequest);
  const facts = sampleFacts({ id });
  await store.saveRecord(facts.record);
  await evidence.attest(facts);
  await evidence.publish(id);
  const content = await packOfOwner(id, { dataFolder: data(), evidence, keys: dataKeys(place) });
  await writePackFile(content, at('x.tar'));
  await writeLaidOut(writePack(content), at('keys'));
  await evidence.close();
  await store.close();
  await writeFile(at(FILE.name), FILE_BYTES);
  await policy();
});

afterAll(() => rm(home, { recursive: true, force: true }));

/** A policy that believes the data folder's keys, from what was laid out of the pack. */
async function policy(): Promise<void> {
  const ours = {
    name: 'ours',
    operator: 'rebuilder.example',
    keys: [{ key: await readFile(join(at('keys'), 'statement.pub'), 'utf8') }],
    log: { key: (await readFile(join(data(), 'log', 'log.vkey'), 'utf8')).trim() },
  };
  await writeFile(at('policy.yaml'), policyBytes([ours]));
}

const verify = async (...more: readonly string[]) =>
  runCli(home, ['verify', FILE.name, '--policy', 'policy.yaml', '--data', data(), '--cache', at('cache'), ...more]);

describe('reproof verify', () => {
  it('ends with 0 where the policy holds, by a pack and by a folder that was laid out', async () => {
    for (const evidence of ['x.tar', 'keys']) {
      const { status, stdout, stderr } = await verify('--evidence', evidence);
      expect([status, stderr]).toEqual([0, '']);
      expect(stdout).toMatch(/^Holds: 1 of 1 operators rebuilt less_668-1_amd64\.deb and agree \(rebuilder\.example\)/);
      expect(stdout).toMatch(
        / reproducible; 2026-01-02T03:04:06\.500Z; with provenance; entry [0-9]+ of [0-9]+ in log-/,
      );
    }
  });

  it('ends with 1 for other bytes, 65 for a damaged pack, 64 for nothing to look at, and says why', async () => {
    await writeFile(at('other.deb'), 'other bytes');
    const missing = await runCli(home, [
      'verify',
      'other.deb',
      '--policy',
      'policy.yaml',
      '--evidence',
      'x.tar',
      '--json',
    ]);
    expect(missing.status).toBe(1);
    expect(JSON.parse(missing.stdout)).toMatchObject({ holds: false, failed: { code: 'POLICY_TOO_FEW' } });

    const pack = await readFile(at('x.tar'));
    await writeFile(at('cut.tar'), pack.subarray(0, 3_000));
    const cut = await verify('--evidence', 'cut.tar');
    expect([cut.status, cut.stderr]).toEqual([65, expect.stringContaining('it is cut off at byte 3000')]);

    const nothing = await verify();
    expect([nothing.status, nothing.stderr]).toEqual([64, expect.stringContaining('no evidence is given')]);
  });

  it('asks for the time that is given', async () => {
    const early = await verify('--evidence', 'x.tar', '--at', '2025-01-01T00:00:00Z', '--json');
    expect(early.status).toBe(1);
    expect(JSON.parse(early.stdout)).toMatchObject({ failed: { code: 'POLICY_AGE' }, at: '2025-01-01T00:00:00.000Z' });
    expect((await verify('--evidence', 'x.tar', '--at', 'yesterday')).status).toBe(64);
  });

  it('takes evidence from an address, and links from a server of rebuilderd, and from no other place', async () => {
    const asked: string[] = [];
    const link = Buffer.from(JSON.stringify(await linkBy(lab.rebuilderd, FILE.sha256)));
    const pack = await readFile(at('x.tar'));
    const records = [
      { build_id: 7, artifact_id: 9, version: '668-1' },
      { build_id: 8, artifact_id: 10, version: '667-1' },
      { build_id: null, artifact_id: null, version: '1:668-1' },
    ];
    const server = createServer((request, answer) => {
      asked.push(request.url ?? '');
      if (request.url === '/x.tar') answer.end(pack);
      else if (request.url?.startsWith('/api/v1/packages/binary?')) answer.end(JSON.stringify({ total: 3, records }));
      else if (request.url === '/api/v1/builds/7/artifacts/9/attestation') answer.end(link);
      else answer.writeHead(404).end();
    });
    server.listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const read = JSON.parse(await readFile(at('policy.yaml'), 'utf8')) as { rebuilders: unknown[]; agree: number };
    read.rebuilders.push({
      name: 'r',
      operator: 'r',
      kind: 'rebuilderd',
      keys: [{ key: publicKeyText(lab.rebuilderd) }],
    });
    await writeFile(at('two.yaml'), JSON.stringify({ ...read, agree: 2 }));
    const { status, stdout } = await verify(
      ...['--policy', 'two.yaml', '--evidence', `${url}/x.tar`, '--from-rebuilderd', `${url}/`, '--json'],
    );
    expect([status, JSON.parse(stdout).agreeing]).toEqual([0, ['r', 'rebuilder.example']]);
    expect(asked).toEqual([
      '/x.tar',
      '/api/v1/packages/binary?name=less&architecture=amd64&limit=1000',
      '/api/v1/builds/7/artifacts/9/attestation',
    ]);
  });

  it('writes a signed summary of what it answers, and logs it', async () => {
    const stranger = ['--data', at('stranger')];
    const summary = ['--write-vsa', 'sum', '--verifier', 'https://v.example/', ...stranger];
    expect(await verify('--evidence', 'x.tar', ...summary)).toMatchObject({ status: 0 });
    const { stdout: pem } = await runCli(home, ['key', 'show', '--pem', 'statement', ...stranger]);
    const key = readPublicKeyText(pem);
    const envelope = readEnvelope(await readFile(at('sum.dsse.json')));
    expect(readBundle(await readFile(at('sum.sigstore.json'))).dsseEnvelope).toEqual(envelope);
    const { payload } = openEnvelope(envelope, PAYLOAD_TYPE, [key]);
    expect(JSON.parse(Buffer.from(payload).toString())).toMatchObject({
      subject: [{ name: FILE.name, digest: { sha256: FILE.sha256 } }],
      predicate: { verifier: { id: 'https://v.example/' }, verificationResult: 'PASSED' },
    });
    const logged = await runCli(home, ['log', 'verify', '--json', ...stranger]);
    expect([logged.status, JSON.parse(logged.stdout).size]).toEqual([0, 1]);
    expect((await verify('--evidence', 'x.tar', '--write-vsa', 'sum')).status).toBe(64);
  });
});

describe('reproof evidence', () => {
  it('writes the same pack each time, and a folder in one go', async () => {
    const made = await runCli(home, ['evidence', id, '--data', data(), '--output', at('y.tar')]);
    expect(made).toEqual({ status: 0, stdout: `${at('y.tar')}\n`, stderr: '' });
    expect(await readFile(at('y.tar'))).toEqual(await readFile(at('x.tar')));
    const again = await runCli(home, ['evidence', at('y.tar'), '--extract', at('again'), '--json']);
    expect(JSON.parse(again.stdout).files).toEqual((await readdir(at('keys'))).sort());
    const out = await runCli(home, ['evidence', 'less', '--data', data(), '--extract', at('out'), '--json']);
    expect(JSON.parse(out.stdout)).toMatchObject({ id, folder: at('out') });
    expect(await readdir(at('out'))).toContain(`${FILE.name}.comparison.sigstore.json`);
  });

  it('says that nothing is stated where nothing is, and leaves no half of a pack', async () => {
    await mkdir(at('empty'));
    const { status, stderr } = await runCli(home, [
      'evidence',
      'result-7',
      '--data',
      at('empty'),
      '--output',
      at('y.tar'),
    ]);
    expect([status, stderr]).toEqual([64, expect.stringContaining('nothing is stated of it')]);
    expect(await readdir(home)).not.toContain('z.tar');
  });
});
