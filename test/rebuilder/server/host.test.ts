import { describe, expect, it } from 'vitest';
import { digestOf, serviceRows } from '../../helpers/service-data.ts';
import { codeOf, openServiceLab, type ServiceLab } from '../../helpers/service-lab.ts';

/** hello reproduced by two workers and an import; differs does not; open was tried; waiting was not. */
async function openSeeded(): Promise<ServiceLab> {
  const lab = await openServiceLab();
  const rows = serviceRows(lab.database);
  const source = await rows.source({});
  const file = async (name: string, status: string | null, digest: string) => {
    const input = await rows.input({ source: name });
    await rows.binary({ source_package_id: source, build_input_id: input, name, status, sha256: digestOf(digest) });
    return input;
  };
  const hello = await file('hello', 'GOOD', 'a');
  await file('differs', 'BAD', 'b');
  await file('open', 'FAIL', 'c');
  await file('waiting', null, 'd');
  for (const [worker_id, origin, verdict] of [
    [1, 'ours', 'identical'],
    [1, 'ours', 'identical'],
    [2, 'rebuilderd', 'identical'],
    [3, 'ours', 'differs'],
    [null, 'imported', 'identical'],
    [null, 'imported', 'identical'],
  ] as const) {
    const result_id = await rows.result({ build_input_id: hello, worker_id, origin });
    await rows.artifact({ result_id, verdict, published_sha256: digestOf('a'), rebuilt_sha256: digestOf('a') });
  }
  return lab;
}

const LIST = 'hello 2.10-5 amd64\ndiffers 2.10-5 amd64\nopen 2.10-5 amd64\nwaiting 2.10-5 amd64\nhello 2.10-5 arm64\n';

describe('what of a machine was reproduced', () => {
  it('is told of plain text, each package by its state, with how many rebuilders had it come out', async () => {
    const { server } = await openSeeded();
    const answer = await server.app.inject({
      method: 'POST',
      url: '/api/host',
      headers: { 'content-type': 'text/plain' },
      payload: `${LIST}what is this\n`,
    });
    expect(answer.statusCode).toBe(200);
    const { packages, ...rest } = answer.json();
    expect(rest).toEqual({
      total: 5,
      counts: { reproduced: 1, differs: 1, inconclusive: 1, untried: 1, unknown: 1 },
      unread: 1,
      unreadLines: [{ line: 6, text: 'what is this' }],
    });
    expect(packages.map((one: Record<string, unknown>) => [one.name, one.state, one.rebuilders])).toEqual([
      ['differs', 'differs', 0],
      ['open', 'inconclusive', 0],
      ['waiting', 'untried', 0],
      ['hello', 'unknown', 0],
      ['hello', 'reproduced', 3],
    ]);
  });

  it('is told of JSON, and of one distribution where that is asked', async () => {
    const { server } = await openSeeded();
    const ask = async (url: string, payload: object) =>
      (await server.app.inject({ method: 'POST', url, payload })).json();
    const packages = [{ name: 'hello', version: '2.10-5' }];
    expect((await ask('/api/host', { packages })).counts.reproduced).toBe(1);
    expect((await ask('/api/host', { text: LIST })).total).toBe(5);
    expect((await ask('/api/host?distribution=other', { packages })).counts.unknown).toBe(1);
  });

  it.each([
    ['a package without a version', { packages: [{ name: 'hello' }] }, 400, 'REQUEST_INVALID'],
    ['another field', { text: '', more: 1 }, 400, 'REQUEST_INVALID'],
    ['too large a list', { text: 'x'.repeat(3 * 1024 ** 2) }, 413, 'REQUEST_TOO_LARGE'],
    ['a body that is larger than any list', { text: 'x'.repeat(5 * 1024 ** 2) }, 413, 'REQUEST_TOO_LARGE'],
  ])('refuses %s', async (_what, payload, status, code) => {
    const { server } = await openSeeded();
    const answer = await server.app.inject({ method: 'POST', url: '/api/host', payload });
    expect([answer.statusCode, codeOf(answer)]).toEqual([status, code]);
  });

  it('takes plain text nowhere else', async () => {
    const { server, bearer } = await openSeeded();
    const headers = { ...(await bearer('operator')), 'content-type': 'text/plain' };
    const answer = await server.app.inject({ method: 'POST', url: '/api/queue', headers, payload: '{"name":"hello"}' });
    expect(answer.statusCode).toBe(415);
  });
});
