import type { Page } from 'playwright-core';
import type { DashboardLab } from './dashboard-lab.ts';

/** A page as somebody comes to it. `operator`: who is signed in. `go`: what is done after it is opened. */
export type DashboardPage = {
  readonly name: string;
  readonly path: string;
  readonly operator?: true;
  readonly go?: (page: Page) => Promise<void>;
  /** The answer's status; 200 when not given. */
  readonly status?: number;
};

/** Every kind of page there is, each with something on it, and those of empty lists and failures. */
export function dashboardPages({ data }: Pick<DashboardLab, 'data'>): readonly DashboardPage[] {
  const { results } = data;
  const operator = true;
  return [
    { name: 'overview', path: '/' },
    { name: 'packages', path: '/packages' },
    { name: 'packages-none', path: '/packages?name=nothing-is-called-so' },
    { name: 'package', path: '/packages/debian/trixie/differs' },
    { name: 'package-hostile', path: `/packages/debian/trixie/${encodeURIComponent(data.hostileName)}` },
    { name: 'rebuild', path: `/rebuilds/${results.differs}` },
    { name: 'rebuild-good', path: `/rebuilds/${results.hello}` },
    { name: 'rebuild-failed', path: `/rebuilds/${results.broken}` },
    { name: 'rebuild-hostile', path: `/rebuilds/${results.hostile}` },
    { name: 'log', path: `/rebuilds/${results.broken}/log` },
    { name: 'log-hostile', path: `/rebuilds/${results.hostile}/log` },
    { name: 'log-live', path: `/jobs/${data.runningJob}` },
    { name: 'differences', path: `/rebuilds/${results.differs}/differences` },
    { name: 'difference', path: `/rebuilds/${results.differs}/differences/${encodeURIComponent(data.differsFile)}` },
    {
      name: 'difference-hostile',
      path: `/rebuilds/${results.hostile}/differences/${encodeURIComponent(data.hostileFile)}`,
    },
    { name: 'hash', path: '/hash' },
    { name: 'hash-known', path: `/hash/${data.helloSha256}` },
    { name: 'hash-differs', path: `/hash/${data.differsSha256}` },
    { name: 'hash-unknown', path: `/hash/${'0'.repeat(64)}` },
    { name: 'hash-wrong', path: '/hash?sha256=12', status: 400 },
    { name: 'host', path: '/host' },
    { name: 'host-report', path: '/host', go: askAboutHost },
    { name: 'reading', path: '/reading' },
    { name: 'not-found', path: '/nothing/here', status: 404 },
    { name: 'sign-in', path: '/operator/sign-in' },
    { name: 'operator-queue', path: '/operator/queue', operator },
    { name: 'operator-cancel', path: '/operator/queue/confirm?action=cancel&state=queued', operator },
    { name: 'operator-priority', path: `/operator/queue/confirm?action=priority&id=${data.waitingJob}`, operator },
    { name: 'operator-pause', path: '/operator/queue/confirm?action=pause', operator },
    { name: 'operator-workers', path: '/operator/workers', operator },
    { name: 'operator-revoke', path: `/operator/workers/${data.workerId}/revoke`, operator },
    { name: 'operator-tokens', path: '/operator/tokens', operator },
    { name: 'operator-audit', path: '/operator/audit', operator },
  ];
}

/** A machine with something of every kind. */
export const HOST_LIST = [
  'hello 2.10-5 amd64',
  'differs 1.3-1 amd64',
  'drifted 3.0-1+b2 amd64',
  'waiting 1.0-1 amd64',
  'libc6 2.41-12 amd64',
  '<script>alert(1)</script>',
].join('\n');

async function askAboutHost(page: Page): Promise<void> {
  await page.fill('#packages', HOST_LIST);
  await page.click('main form.ask button');
  await page.waitForSelector('.host-summary');
}

/** The cookie of an administrator who signed in, for a browser's context. */
export async function signedIn(lab: DashboardLab) {
  const { secret } = await lab.store.access.createToken({ name: 'release team', role: 'admin' });
  return { secret, cookie: await signIn(lab.address, secret) };
}

/** Signs in at a service with a token, as a browser does. */
export async function signIn(address: string, secret: string) {
  const opened = await fetch(`${address}/operator/sign-in`);
  const csrf = /name="csrf" value="([^"]+)"/.exec(await opened.text())?.[1] ?? '';
  const answer = await fetch(`${address}/operator/sign-in`, {
    method: 'POST',
    redirect: 'manual',
    headers: { cookie: pairOf(opened) },
    body: new URLSearchParams({ csrf, token: secret }),
  });
  const [name = '', value = ''] = pairOf(answer).split('=');
  return { name, value, url: new URL(address).origin, httpOnly: true, sameSite: 'Strict' as const };
}

function pairOf(answer: Response): string {
  return answer.headers.get('set-cookie')?.split(';')[0] ?? '';
}

/** For whoever wants the names of the pages alone. */
export const NO_DATA: Pick<DashboardLab, 'data'> = {
  data: {
    results: { hello: 0, differs: 0, broken: 0, drifted: 0, hostile: 0 },
    differsFile: '',
    hostileFile: '',
    hostileName: '',
    helloBytes: Buffer.alloc(0),
    helloSha256: '0'.repeat(64),
    differsSha256: '0'.repeat(64),
    runningJob: 0,
    waitingJob: 0,
    workerId: 0,
  },
};
