import { describe, expect, it } from 'vitest';
import { seedInput } from '../../helpers/seed-inputs.ts';
import { codeOf, openServiceLab } from '../../helpers/service-lab.ts';

describe('paging', () => {
  async function openMany() {
    const lab = await openServiceLab();
    for (let index = 0; index < 7; index++)
      await seedInput(lab.database, { source: `package-${index % 3}`, version: `${index}` });
    const page = async (url: string) => {
      const answer = await lab.server.app.inject({ url });
      return {
        code: answer.statusCode === 200 ? undefined : codeOf(answer),
        ...(answer.json() as { records: { name: string; version: string }[]; total: number; next?: string }),
      };
    };
    return { ...lab, page };
  }

  it.each(['', '&sort=name', '&sort=name&direction=descending', '&sort=version&direction=descending'])(
    'goes through all of a list once (%s)',
    async (order) => {
      const { page } = await openMany();
      const whole = (await page(`/api/targets?limit=100${order}`)).records;
      const seen: unknown[] = [];
      let next: string | undefined;
      let parts = 0;
      do {
        const part = await page(`/api/targets?limit=2${order}${next === undefined ? '' : `&cursor=${next}`}`);
        expect(part.total).toBe(7);
        seen.push(...part.records);
        next = part.next;
        parts += 1;
      } while (next !== undefined);
      expect(parts).toBe(4);
      expect(seen).toEqual(whole);
      expect(whole).toHaveLength(7);
    },
  );

  it('takes no cursor of another list, filter or order', async () => {
    const { page } = await openMany();
    const { next } = await page('/api/targets?limit=2&sort=name');
    expect((await page(`/api/targets?limit=3&sort=name&cursor=${next}`)).records).toHaveLength(3);
    for (const url of [
      `/api/targets?sort=version&cursor=${next}`,
      `/api/targets?sort=name&direction=descending&cursor=${next}`,
      `/api/targets?sort=name&release=trixie&cursor=${next}`,
      `/api/sources?sort=name&cursor=${next}`,
      `/api/rebuilds?cursor=${next}`,
      '/api/targets?cursor=2',
      '/api/targets?cursor=%F0%9F%92%A9',
      `/api/targets?cursor=${Buffer.from('1.0123456789abcdef').toString('base64url')}`,
    ])
      expect([url, (await page(url)).code]).toEqual([url, 'REQUEST_INVALID']);
  });
});
