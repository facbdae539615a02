import { createHmac } from 'node:crypto';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openPoster } from '../../../rebuilder/fetch/index.ts';
import { tellWebhooks } from '../../../rebuilder/server/index.ts';
import { serviceRows } from '../../helpers/service-data.ts';
import { codeOf, openServiceLab } from '../../helpers/service-lab.ts';

type Told = { readonly headers: IncomingHttpHeaders; readonly body: string };

/** A receiver on loopback, and a lab that tells it: `round` looks and sends once. */
async function openTelling(options: { readonly allowOwnNetworks?: boolean } = {}) {
  const lab = await openServiceLab();
  const told: Told[] = [];
  const answers: number[] = [];
  const receiver = createServer(async (request, response) => {
    const body = Buffer.concat(await Array.fromAsync(request)).toString();
    told.push({ headers: request.headers, body });
    response.writeHead(answers.shift() ?? 200).end();
  });
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  const { port } = receiver.address() as AddressInfo;
  const poster = openPoster({ allowOwnNetworks: options.allowOwnNetworks ?? true, timeoutSeconds: 5 });
  onTestFinished(async () => {
    await poster.close();
    receiver.close();
  });
  const { signal } = new AbortController();
  const log = (): void => {};
  return {
    ...lab,
    told,
    answers,
    url: `http://127.0.0.1:${port}/hook`,
    rows: serviceRows(lab.database),
    round: () => tellWebhooks({ store: lab.store, poster, now: lab.clock.now, log, pauseMilliseconds: 1 }, signal),
    admin: await lab.bearer('admin'),
  };
}

async function createHook(lab: Awaited<ReturnType<typeof openTelling>>, events: readonly string[], url = lab.url) {
  const payload = { url, events, secret: 'a secret of sixteen' };
  const answer = await lab.server.app.inject({ method: 'POST', url: '/api/webhooks', headers: lab.admin, payload });
  return answer.json() as { id: number };
}

describe('webhooks', () => {
  it('are told of what comes after they were made, once, signed', async () => {
    const lab = await openTelling();
    const input = await lab.rows.input({});
    await lab.rows.result({ build_input_id: input });
    const { id } = await createHook(lab, ['regression', 'verdict']);
    lab.clock.pass(1);
    const built_at = lab.clock.now().toISOString();
    const bad = await lab.rows.result({
      build_input_id: input,
      status: 'BAD',
      verdict: 'unreproducible',
      change: 'regression',
      built_at,
    });
    await lab.rows.result({
      build_input_id: input,
      status: 'FAIL',
      verdict: 'inconclusive',
      decides: 0,
      change: null,
      built_at,
    });
    for (let rounds = 0; rounds < 3; rounds++) await lab.round();
    expect(lab.told.map(({ headers }) => headers['x-reproof-event']).sort()).toEqual(['regression', 'verdict']);
    for (const { headers, body } of lab.told) {
      expect(JSON.parse(body)).toMatchObject({ rebuild: { id: bad, verdict: 'unreproducible' } });
      const signed = createHmac('sha256', 'a secret of sixteen').update(`${headers['x-reproof-timestamp']}.${body}`);
      expect(headers['x-reproof-signature']).toBe(`sha256=${signed.digest('hex')}`);
      expect(headers.authorization).toBeUndefined();
    }
    const url = `/api/webhooks/${id}/deliveries`;
    const deliveries = (await lab.server.app.inject({ url, headers: lab.admin })).json();
    expect(deliveries).toMatchObject({ total: 2, records: [{ deliveredAt: expect.any(String) }, { tries: 1 }] });
  });

  it('are told again, later each time, until they take it', async () => {
    const lab = await openTelling();
    const input = await lab.rows.input({});
    await createHook(lab, ['result']);
    await lab.rows.result({ build_input_id: input, built_at: lab.clock.now().toISOString() });
    lab.answers.push(500, 302);
    await lab.round();
    await lab.round();
    expect(lab.told).toHaveLength(1);
    lab.clock.pass(30);
    await lab.round();
    lab.clock.pass(30);
    await lab.round();
    expect(lab.told).toHaveLength(2);
    lab.clock.pass(30);
    await lab.round();
    lab.clock.pass(100_000);
    await lab.round();
    expect(lab.told).toHaveLength(3);
    expect(new Set(lab.told.map(({ headers }) => headers['x-reproof-delivery'])).size).toBe(1);
  });

  it('do not reach this machine or its network unless that is allowed', async () => {
    const lab = await openTelling({ allowOwnNetworks: false });
    const { port } = new URL(lab.url);
    const addresses = [
      '127.0.0.1',
      'localhost',
      '[::1]',
      '[::ffff:127.0.0.1]',
      '0.0.0.0',
      '10.0.0.1',
      '169.254.169.254',
    ];
    for (const host of addresses) await createHook(lab, ['result'], `http://${host}:${port}/`);
    const input = await lab.rows.input({});
    await lab.rows.result({ build_input_id: input, built_at: lab.clock.now().toISOString() });
    await lab.round();
    expect(lab.told).toEqual([]);
    for (let id = 1; id <= addresses.length; id++) {
      const { records } = await lab.store.access.deliveries(id, {});
      expect([addresses[id - 1], records[0]?.error]).toEqual([
        addresses[id - 1],
        expect.stringContaining('own network'),
      ]);
    }
  });

  it('are web addresses without a password, of events that there are', async () => {
    const lab = await openTelling();
    for (const payload of [
      { url: 'ftp://example.org/', events: ['verdict'] },
      { url: 'file:///etc/passwd', events: ['verdict'] },
      { url: 'https://user:password@example.org/', events: ['verdict'] },
      { url: 'example.org', events: ['verdict'] },
      { url: 'https://example.org/', events: [] },
      { url: 'https://example.org/', events: ['all'] },
      { url: 'https://example.org/', events: ['verdict'], secret: 'short' },
    ]) {
      const answer = await lab.server.app.inject({ method: 'POST', url: '/api/webhooks', headers: lab.admin, payload });
      expect([payload, codeOf(answer)]).toEqual([payload, 'REQUEST_INVALID']);
    }
    expect(await lab.store.access.webhooks()).toEqual([]);
  });

  it('tell their secret once, and are removed', async () => {
    const lab = await openTelling();
    const payload = { url: 'https://example.org/', events: ['verdict'] };
    const made = await lab.server.app.inject({ method: 'POST', url: '/api/webhooks', headers: lab.admin, payload });
    expect(made.statusCode).toBe(201);
    expect(made.json().secret).toMatch(/^[\w-]{32}$/);
    const list = await lab.server.app.inject({ url: '/api/webhooks', headers: lab.admin });
    expect(list.body).not.toContain(made.json().secret);
    const remove = () => lab.server.app.inject({ method: 'DELETE', url: '/api/webhooks/1', headers: lab.admin });
    expect((await remove()).statusCode).toBe(200);
    expect(codeOf(await remove())).toBe('RESOURCE_UNKNOWN');
  });
});
