import { describe, expect, it } from 'vitest';
import { openDashboardLab } from '../../../helpers/dashboard-lab.ts';
import { serviceRows } from '../../../helpers/service-data.ts';
import { seededPackages } from '../../../helpers/shown-packages.ts';

async function openShown() {
  const lab = await openDashboardLab();
  const ids = await seededPackages(lab.database);
  const text = async (url: string) => {
    const answer = await lab.server.app.inject({ url, headers: { accept: 'text/html' } });
    expect([url, answer.statusCode]).toEqual([url, 200]);
    return plain(answer.body);
  };
  return { ...lab, ids, text };
}

/** What a reader without styles sees, in one line; table cells apart. */
function plain(html: string): string {
  const [, main = ''] = /<main[^>]*>([\s\S]*)<\/main>/.exec(html) ?? [];
  return main
    .replaceAll(/<(?:td|th|li|p|dt|dd|h\d|summary|option)\b[^>]*>/g, ' | ')
    .replaceAll(/<[^>]+>/g, '')
    .replaceAll(/\s+/g, ' ');
}

function namesIn(html: string): readonly string[] {
  return [...html.matchAll(/<th scope="row"[^>]*><a href="\/packages\/[^"]*">([^<]*)<\/a>/g)].map(
    ([, name = '']) => name,
  );
}

describe('the overview', () => {
  it('counts what is decided by release and architecture, with its trend and a table behind it', async () => {
    const { text, store, clock } = await openShown();
    await store.packages.noteDay();
    clock.pass(7 * 86_400);
    await store.packages.noteDay();
    const page = await text('/');
    expect(page).toContain(
      'debian sid | 33.3 % | 1 of 3 decided binary packages are reproducible; 1 more are undecided.',
    );
    expect(page).toContain('| amd64 | 1 | 3 | 33.3 % | 2 | 1');
    expect(page).toContain('amd64: 33.3 % on 2026-06-01, 33.3 % on 2026-06-08.');
    expect(page).toContain('| 2026-06-08 | 33.3 % (1 of 3) | 2026-06-01 | 33.3 % (1 of 3)');
  });

  it('tells what reproduced until lately, and what holds packages back', async () => {
    const { text } = await openShown();
    const page = await text('/');
    expect(page).toContain('worse reproduced in the last 2 versions; 3-1 does not.');
    expect(page).toContain('| Dates and times | debian sid | 1');
    expect(page).toContain('| Order | debian sid | 1');
    expect(page).toContain('| unreproduciblenondeterministic | debian sid | 1');
    expect(page).toContain('| failed to build | debian sid | 1');
    expect(page).toMatch(/\| Week to \|[^|]+\|[^|]+\|[^|]+\| 2026-05-01 \| 1 \| 1 \| 1 /);
  });

  it('shows what is being built', async () => {
    const { text, store, ids } = await openShown();
    await store.jobs.ask({ buildInputId: ids.worse }, { kind: 'manual' });
    const capabilities = { architectures: ['*'] };
    const worker = await store.access.registerWorker({ name: 'w', key: 'k', kind: 'local', capabilities });
    const leased = await store.jobs.claim({ id: worker.id, capabilities }, 60);
    await store.jobs.heartbeat(leased?.job.id ?? 0, leased?.lease ?? 0, { leaseSeconds: 60, stage: 'compare' });
    const page = await text('/');
    expect(page).toContain('1 rebuild running, 0 waiting');
    expect(page).toContain('| worse 3-1 | debian sid amd64 | compare | worker 1 | just now');
  });
});

describe('the list of packages', () => {
  it.each([
    ['', ['better', 'broken', 'waits', 'worse']],
    ['?name=w', ['waits', 'worse']],
    ['?name=W', []],
    ['?maintainer=team%40EXAMPLE', ['worse']],
    ['?maintainer=%25', []],
    ['?verdict=reproducible', ['better']],
    ['?verdict=not-reproduced', ['broken', 'worse']],
    ['?verdict=unreproducible', ['worse']],
    ['?verdict=failed-to-build', ['broken']],
    ['?verdict=none', ['waits']],
    ['?cause=timestamp', ['worse']],
    ['?cause=padding', []],
    ['?reason=nondeterministic', ['worse']],
    ['?reason=infrastructure', []],
    ['?order=newest&verdict=not-reproduced', ['broken', 'worse']],
    ['?blocks=yes', ['worse']],
    ['?release=sid&architecture=amd64&distribution=debian', ['better', 'broken', 'waits', 'worse']],
    ['?release=trixie', []],
    ['?name=&maintainer=&verdict=&cause=&release=&architecture=', ['better', 'broken', 'waits', 'worse']],
  ])('for %j has %j, and its JSON and CSV have the same', async (query, names) => {
    const { server } = await openShown();
    const { body } = await server.app.inject({ url: `/packages${query}` });
    expect(namesIn(body)).toEqual(names);
    const [, json = ''] = /<a href="([^"]+)" type="application\/json"/.exec(body) ?? [];
    const answer = await server.app.inject({ url: json.replaceAll('&amp;', '&') });
    expect(answer.json().records.map(({ name }: { name: string }) => name)).toEqual(names);
    const [, csv = ''] = /<a href="([^"]+)" type="text\/csv"/.exec(body) ?? [];
    const table = (await server.app.inject({ url: csv.replaceAll('&amp;', '&') })).body
      .trimEnd()
      .split('\r\n')
      .slice(1);
    expect(table.map((line) => line.split(',')[4])).toEqual(names);
  });

  it('goes on page by page, each package once, with its filter in the address', async () => {
    const { server, database } = await openShown();
    const rows = serviceRows(database);
    for (let at = 0; at < 120; at++) await rows.source({ name: `many-${String(at).padStart(3, '0')}`, release: 'sid' });
    const names: string[] = [];
    let url = '/packages?name=many';
    for (let pages = 0; url !== '' && pages < 9; pages++) {
      const { body } = await server.app.inject({ url });
      names.push(...namesIn(body));
      expect(body).toContain('120 source packages found');
      url = (/<a href="([^"]+)" rel="next"/.exec(body)?.[1] ?? '').replaceAll('&amp;', '&');
      if (url !== '') expect(url).toMatch(/^\/packages\?name=many&cursor=/);
    }
    expect(names).toHaveLength(120);
    expect(new Set(names).size).toBe(120);
  });

  it('keeps what was asked in its form, and says what is held against each package', async () => {
    const { text, server } = await openShown();
    const { body } = await server.app.inject({ url: '/packages?name=wor&verdict=unreproducible&blocks=yes' });
    expect(body).toContain('name="name" type="search" value="wor"');
    expect(body).toContain('<option value="unreproducible" selected>');
    expect(body).toMatch(/name="blocks" type="checkbox" value="yes" checked/);
    const list = await text('/packages?name=wor');
    expect(list).toContain('| worse | 3-1 | sid | unreproduciblenondeterministic');
    expect(list).toContain('| Order | Dates and times | The Team &lt;team@example.org>');
  });
});

describe('the page of a package', () => {
  it('has every version and architecture, why, the command that repeats it, and its badge', async () => {
    const { text, ids, server } = await openShown();
    const page = await text('/packages/debian/sid/worse');
    const { body } = await server.app.inject({ url: '/packages/debian/sid/worse' });
    expect(body).toContain(`href="/rebuilds/${ids.worseResult}"`);
    expect(page).toContain('3-1 amd64 unreproduciblenondeterministic');
    expect(page).toContain('Two rebuilds of ours from the same plan gave different bytes');
    expect(page).toContain('A date of the build is stored. Use SOURCE_DATE_EPOCH.');
    expect(page).toMatch(
      /\| 3-1 \| now \| unreproducible.*\| 2-1 \| before \| reproducible.*\| 1-1 \| before \| reproducible/,
    );
    expect(page).toContain('3 attempts, newest last.');
    expect(page).toContain('reproof rebuild debian:worse=3-1 --suite sid --arch amd64');
  });
});
