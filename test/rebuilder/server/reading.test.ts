import { zstdCompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { digestOf, serviceRows } from '../../helpers/service-data.ts';
import { codeOf, openServiceLab, type ServiceLab } from '../../helpers/service-lab.ts';

async function* bytes(...chunks: readonly (string | Uint8Array)[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) yield Buffer.from(chunk);
}

async function keep(lab: ServiceLab, content: string | Uint8Array): Promise<string> {
  return (await lab.blobs.put('test', bytes(content), 1e9)).sha256;
}

/** A source with two results: reproducible, then a regression with a log, a record, and a differing file. */
async function openSeeded() {
  const lab = await openServiceLab();
  const rows = serviceRows(lab.database);
  const log = `one\n\u001b[31mred\u001b[0m\u009b31m\u202e\n${'x'.repeat(300_000)}\n`;
  const logBlob = await keep(lab, Buffer.concat([zstdCompressSync(log.slice(0, 9)), zstdCompressSync(log.slice(9))]));
  const record = await keep(lab, '{"schema":"reproof-record/1"}');
  const difference = await keep(lab, '{"path":"hello"}');
  const source = await rows.source({});
  const input = await rows.input({ status: 'BAD' });
  const good = await rows.result({ build_input_id: input });
  const bad = await rows.result({
    build_input_id: input,
    status: 'BAD',
    verdict: 'unreproducible',
    change: 'regression',
    built_at: '2026-02-03T00:00:00.000Z',
    log_sha256: logBlob,
    log_bytes: Buffer.byteLength(log),
    record_sha256: record,
  });
  const file = await rows.artifact({
    result_id: bad,
    verdict: 'differs',
    status: 'BAD',
    published_sha256: digestOf('a'),
    published_bytes: 10,
    rebuilt_sha256: digestOf('b'),
    rebuilt_bytes: 11,
    difference_sha256: difference,
  });
  const binary = await rows.binary({
    source_package_id: source,
    build_input_id: input,
    sha256: digestOf('a'),
    status: 'BAD',
    artifact_id: file,
    result_id: bad,
  });
  const get = async (url: string, headers: Record<string, string> = {}) => lab.server.app.inject({ url, headers });
  const json = async (url: string) =>
    (await get(url)).json() as { records: { id: number }[]; total: number; next?: string };
  return { ...lab, log, record, difference, good, bad, file, binary, source, get, json };
}

describe('reading', () => {
  it('finds published files by what is known of them', async () => {
    const { json, binary } = await openSeeded();
    for (const query of [
      'name=hello',
      'source=hello&version=2.10-5',
      'search=ell',
      'name-starts-with=h',
      'status=BAD,FAIL',
      `sha256=${digestOf('a')}`,
      'distribution=debian&release=trixie&component=main&architecture=amd64',
      'seen=true&sort=name&direction=descending',
    ])
      expect([query, (await json(`/api/targets?${query}`)).records.map(({ id }) => id)]).toEqual([query, [binary]]);
    for (const query of ['name=hell', 'status=GOOD', 'release=-', `sha256=${digestOf('b')}`])
      expect([query, (await json(`/api/targets?${query}`)).records]).toEqual([query, []]);
  });

  it('finds results by what they say', async () => {
    const { json, good, bad } = await openSeeded();
    const ids = async (query: string) => (await json(`/api/rebuilds?${query}`)).records.map(({ id }) => id);
    expect(await ids('')).toEqual([bad, good]);
    expect(await ids('direction=ascending')).toEqual([good, bad]);
    expect(await ids('verdict=unreproducible')).toEqual([bad]);
    expect(await ids('status=GOOD')).toEqual([good]);
    expect(await ids('change=first')).toEqual([good]);
    expect(await ids('since=2026-02-01')).toEqual([bad]);
    expect(await ids('since=2026-02-03T01:00:00%2B01:00')).toEqual([bad]);
    expect(await ids('name=other')).toEqual([]);
    expect((await json('/api/regressions')).records.map(({ id }) => id)).toEqual([bad]);
    expect((await json('/api/packages/debian/hello/history?release=trixie')).records.map(({ id }) => id)).toEqual([
      bad,
      good,
    ]);
    expect((await json('/api/packages/debian/other/history')).records).toEqual([]);
  });

  it('tells of a file by its bytes, published or rebuilt', async () => {
    const { json, file, get } = await openSeeded();
    for (const character of ['a', 'b'])
      expect((await json(`/api/artifacts/sha256:${digestOf(character)}`)).records).toMatchObject([
        { id: file, verdict: 'differs', published: { sha256: digestOf('a'), size: 10 } },
      ]);
    expect((await json(`/api/artifacts/sha256:${digestOf('c')}`)).records).toEqual([]);
    for (const digest of [digestOf('a'), 'sha256:ab', `sha256:${digestOf('A')}`, `sha512:${digestOf('a')}`])
      expect(codeOf(await get(`/api/artifacts/${digest}`))).toBe('REQUEST_INVALID');
  });

  it('gives one result with its files, its record and its difference', async () => {
    const { get, bad, file, record } = await openSeeded();
    expect((await get(`/api/rebuilds/${bad}`)).json()).toMatchObject({ id: bad, artifacts: [{ id: file }] });
    const kept = await get(`/api/rebuilds/${bad}/record`);
    expect(kept.body).toBe('{"schema":"reproof-record/1"}');
    expect(kept.headers).toMatchObject({ etag: `"${record}"`, 'content-type': 'application/json; charset=utf-8' });
    expect((await get(`/api/rebuilds/${bad}/artifacts/${file}/difference`)).body).toBe('{"path":"hello"}');
  });

  it('gives the log of that result and no other, harmless to look at', async () => {
    const { get, bad, good, log } = await openSeeded();
    const answer = await get(`/api/rebuilds/${bad}/log`);
    expect(answer.headers['content-type']).toBe('text/plain; charset=utf-8');
    expect(answer.headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    });
    expect(answer.body).not.toMatch(/[\u001b\u009b\u202e]/);
    expect(answer.body).toBe(
      log.replaceAll('\u001b', '\\x1b').replaceAll('\u009b', '\\x9b').replaceAll('\u202e', '\\u202e'),
    );
    expect(codeOf(await get(`/api/rebuilds/${good}/log`))).toBe('RESOURCE_UNKNOWN');
  });

  it('answers unknown and impossible ids with a code', async () => {
    const { get, good, file } = await openSeeded();
    for (const url of [
      '/api/rebuilds/999',
      '/api/rebuilds/999/log',
      '/api/targets/999',
      '/api/sources/999',
      '/api/queue/999',
      '/api/queue/999/log',
      `/api/rebuilds/${good}/artifacts/${file}/difference`,
      `/api/rebuilds/${good}/artifacts/999/report`,
      '/api/nothing',
      '/',
    ])
      expect([url, codeOf(await get(url))]).toEqual([url, 'RESOURCE_UNKNOWN']);
    for (const id of ['0', '-1', '1.5', 'x', '2147483648', '1e99', '%00', "1'--"])
      expect([id, codeOf(await get(`/api/rebuilds/${id}`))]).toEqual([id, 'REQUEST_INVALID']);
    for (const url of [
      '/api/%zz',
      '/api/targets?status=NO',
      '/api/targets?limit=1001',
      '/api/targets?nope=1',
      '/api/targets?name=a&name=b',
    ])
      expect([url, codeOf(await get(url))]).toEqual([url, 'REQUEST_INVALID']);
  });
});
