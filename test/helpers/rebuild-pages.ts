import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import { openDashboard } from '../../rebuilder/server/index.ts';
import { type MadeRebuild, makeRebuild } from './rebuild-rows.ts';
import { type ServiceLab, startServiceLab } from './service-lab.ts';

/** A rebuild that was made for a test, and its pages. */
export type MadePages = {
  readonly id: number;
  readonly input: number;
  readonly get: (
    path: string,
    headers?: Record<string, string>,
  ) => Promise<{
    readonly statusCode: number;
    readonly body: string;
    readonly headers: Readonly<Record<string, unknown>>;
  }>;
  readonly body: (path: string) => Promise<string>;
};

/** One service with pages for all tests of a file, in which each makes rebuilds of its own: call it at the top. */
export function useRebuildPages(): {
  readonly lab: () => ServiceLab;
  readonly openMade: (made?: MadeRebuild) => Promise<MadePages>;
} {
  let lab: Awaited<ReturnType<typeof startServiceLab>>;
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'reproof-pages-'));
    const { routes, errorPages } = await openDashboard();
    lab = await startServiceLab(folder, { server: { errorPages }, groups: [routes] });
  });
  afterAll(async () => {
    await lab.close();
    await rm(folder, { recursive: true });
  });
  return {
    lab: () => lab,
    openMade: async (made = {}) => {
      const id = await makeRebuild(lab, made);
      const get: MadePages['get'] = (path, headers = {}) =>
        lab.server.app.inject({ url: `/rebuilds/${id}${path}`, headers: { accept: 'text/html', ...headers } });
      const input = (await lab.store.results.result(id))?.buildInputId ?? 0;
      return { id, input, get, body: async (path) => (await get(path)).body };
    },
  };
}

/** What a page says, without its markup. */
export function words(html: string): string {
  return html
    .replace(/<[^>]*>/g, ' ')
    .replaceAll('&lt;', '<')
    .replaceAll('&amp;', '&')
    .replaceAll('&quot;', '"')
    .replace(/\s+/g, ' ');
}

/** Nothing of a page may be anything but what we drew. */
export function expectInert(html: string): void {
  const tags = html.match(/<[a-z](?:"[^"]*"|[^">])*>/gi) ?? [];
  expect(tags.length).toBeGreaterThan(20);
  expect(
    tags.filter((tag) =>
      /^<(?:script(?! type="module" src="\/assets\/)|img(?! src="\/api\/)|iframe|object|style)/.test(tag),
    ),
  ).toEqual([]);
  // Names of attributes, without their values.
  const bare = tags.map((tag) => tag.replace(/"[^"]*"/g, '""'));
  expect(bare.filter((tag) => /\s(?:on\w+|style|srcdoc)=/i.test(tag))).toEqual([]);
  expect(tags.filter((tag) => /(?:href|src|action)="(?!\/|#|\?|http:\/\/localhost)/.test(tag))).toEqual([]);
  // What was searched for stands in its field as it was written: it has to go out again.
  expect(html.replace(/ value="[^"]*"/g, '')).not.toMatch(
    /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b\u202a-\u202e\u2066-\u2069]/,
  );
}
