import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { RouteGroup } from '../../../rebuilder/server/index.ts';
import { codeOf, openServiceLab } from '../../helpers/service-lab.ts';

const SECRET = 'postgres://user:secret@db.example.org/';
const texts: RouteGroup = (app) => {
  app.get('/long', async () => ({ text: 'x'.repeat(5000) }));
  app.get('/fails', async () => {
    throw new Error(SECRET);
  });
};

describe('answers', () => {
  it('are not sent again to whoever has them, in whatever coding', async () => {
    const { server } = await openServiceLab({ groups: [texts] });
    const etags = new Set<string>();
    for (const [coding, unpack] of [
      ['zstd', zstdDecompressSync],
      ['br', brotliDecompressSync],
      ['gzip', gunzipSync],
      ['identity', (body: Buffer) => body],
    ] as const) {
      const first = await server.app.inject({ url: '/long', headers: { 'accept-encoding': coding } });
      expect(JSON.parse(unpack(first.rawPayload).toString())).toEqual({ text: 'x'.repeat(5000) });
      const etag = String(first.headers.etag);
      expect(etag).toMatch(/^"[\w-]+"$/);
      etags.add(etag);
      for (const wanted of [etag, `"other", ${etag}`, `W/${etag}`, '*']) {
        const again = await server.app.inject({
          url: '/long',
          headers: { 'accept-encoding': coding, 'if-none-match': wanted },
        });
        expect([wanted, again.statusCode, again.rawPayload.length]).toEqual([wanted, 304, 0]);
      }
      const other = await server.app.inject({ url: '/long', headers: { 'if-none-match': '"other"' } });
      expect(other.statusCode).toBe(200);
    }
    expect(etags.size).toBe(4);
  });

  it('may be read by pages elsewhere, without credentials', async () => {
    const { server, bearer } = await openServiceLab();
    const read = await server.app.inject({ url: '/api/targets', headers: { origin: 'https://example.org' } });
    expect(read.headers['access-control-allow-origin']).toBe('*');
    expect(read.headers['access-control-allow-credentials']).toBeUndefined();
    const asked = await server.app.inject({ method: 'OPTIONS', url: '/api/targets' });
    expect([asked.statusCode, asked.headers['access-control-allow-methods']]).toEqual([204, 'GET, HEAD']);
    const written = await server.app.inject({
      method: 'POST',
      url: '/api/queue/pause',
      headers: { origin: 'https://example.org', ...(await bearer('admin')) },
    });
    expect([written.statusCode, written.headers['access-control-allow-origin']]).toEqual([200, undefined]);
  });

  it('name no software, are no page, and are kept by nobody when they are failures', async () => {
    const { server } = await openServiceLab({ groups: [texts] });
    for (const [url, status] of [
      ['/api/targets', 200],
      ['/nowhere', 404],
      ['/fails', 500],
      ['/%zz', 400],
    ] as const) {
      const { headers, statusCode } = await server.app.inject({ url });
      expect([url, statusCode]).toEqual([url, status]);
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
        'referrer-policy': 'no-referrer',
      });
      expect(headers.server ?? headers['x-powered-by']).toBeUndefined();
      if (status !== 200) expect(headers['cache-control']).toBe('no-store');
    }
  });

  it('say of our own faults nothing but that they are, and log them', async () => {
    const { server, logged } = await openServiceLab({ groups: [texts] });
    const answer = await server.app.inject({ url: '/fails' });
    expect([answer.statusCode, codeOf(answer)]).toEqual([500, 'INTERNAL']);
    expect(answer.body).not.toContain('secret');
    expect(logged).toMatchObject([{ level: 'error', facts: { route: '/fails' } }]);
    expect(JSON.stringify(logged)).toContain(SECRET);
  });

  it('are found below a base path, with a slash at the end too', async () => {
    const { server } = await openServiceLab({ server: { basePath: '/amd64' } });
    for (const [url, status] of [
      ['/amd64/api/targets', 200],
      ['/amd64/api/targets/', 200],
      ['/amd64/healthz', 200],
      ['/api/targets', 404],
      ['/healthz', 404],
    ] as const)
      expect([url, (await server.app.inject({ url })).statusCode]).toEqual([url, status]);
    const told = await server.app.inject({ url: '/api/targets', headers: { 'x-forwarded-prefix': '/amd64' } });
    expect(told.statusCode).toBe(404);
  });

  it('are the same for HEAD, without a body', async () => {
    const { server } = await openServiceLab();
    const answer = await server.app.inject({ method: 'HEAD', url: '/api/targets' });
    expect([answer.statusCode, answer.body]).toEqual([200, '']);
  });
});

describe('the description of the API', () => {
  it('has every route of it, and nothing that is none', async () => {
    const routes: string[] = [];
    const { server } = await openServiceLab();
    const text = server.app.printRoutes({ commonPrefix: false, includeHooks: false });
    const parts: string[] = [];
    for (const line of text.split('\n').filter((each) => each.trim() !== '')) {
      const [, indent = '', path = '', methods] = /^([│ ]*(?:├── |└── ))(\S+)(?: \((.*)\))?$/u.exec(line) ?? [];
      parts.length = Math.floor(indent.length / 4) - 1;
      parts.push(path);
      for (const method of methods?.split(', ') ?? [])
        if (method !== 'HEAD' && method !== 'OPTIONS')
          routes.push(`${method} ${parts.join('').replace(/:(\w+)/g, '{$1}')}`);
    }
    const api = (await server.app.inject({ url: '/api/openapi.json' })).json() as {
      openapi: string;
      paths: Record<string, Record<string, { summary?: string; responses: Record<string, unknown> }>>;
    };
    expect(api.openapi).toBe('3.1.0');
    const described = Object.entries(api.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    const hidden = ['GET /healthz', 'GET /readyz', 'GET /metrics', 'GET /api/openapi.json'];
    expect([...described, ...hidden].sort()).toEqual([...new Set(routes)].sort());
    expect(described.length).toBeGreaterThan(30);
    for (const [path, methods] of Object.entries(api.paths))
      for (const operation of Object.values(methods)) {
        expect([path, operation.summary]).toEqual([path, expect.stringMatching(/\w{3}/)]);
        expect(Object.keys(operation.responses)).toContain('4XX');
      }
  });

  it('says once what is answered in many places', async () => {
    const { server } = await openServiceLab();
    const api = (await server.app.inject({ url: '/api/openapi.json' })).json() as {
      components: { schemas: Record<string, object> };
    };
    const names = Object.keys(api.components.schemas);
    expect(names).toEqual(
      expect.arrayContaining(['Artifact', 'Failure', 'Job', 'Rebuild', 'Source', 'Target', 'Worker']),
    );
    const text = JSON.stringify(api);
    for (const [, name] of text.matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)) expect(names).toContain(name);
    expect(text.match(/"rebuiltSha256"/g)?.length).toBeLessThanOrEqual(2);
  });
});
