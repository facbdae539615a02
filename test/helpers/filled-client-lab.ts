import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ClientSuite } from './client-images.ts';
import { type ClientInput, type ClientLab, type ClientResult, type LabWorker, openClientLab } from './client-lab.ts';
import { listForStdin } from './client-settings.ts';
import { recordOwnResult } from './own-result.ts';
import { type ServiceProcess, startService } from './service-process.ts';

export const SUITES = ['sid', 'trixie'] as const;
/** The distribution whose packages each suite's worker builds. */
export const DISTRIBUTION = { sid: 'new', trixie: 'old' } as const satisfies Record<ClientSuite, string>;
/** Of all packages. */
export const VERSION = '1.0-1';

/** A lab whose packages rebuildctl sent, with a worker of each suite that builds them. */
export type FilledClientLab = ClientLab & {
  /** What became of each suite's list. */
  readonly sent: Readonly<Record<ClientSuite, ClientResult>>;
  readonly workers: Readonly<Record<ClientSuite, LabWorker>>;
  /** Another service below a path, with nothing in it. Its operator's token is the cookie `cookie-below`. */
  readonly below: ServiceProcess;
  /** Runs rebuildctl of a suite. */
  readonly rebuildctl: (suite: ClientSuite, ...argv: readonly string[]) => Promise<ClientResult>;
  /** Sends a list of one distribution's packages by rebuildctl of a suite, to the lab's service or another. */
  readonly send: (suite: ClientSuite, list: SentList, given?: ClientInput) => Promise<ClientResult>;
  /** The address of a published file. */
  readonly urlOf: (name: string, ending: 'deb' | 'buildinfo') => string;
};

export type SentList = { readonly distribution: string; readonly names: readonly string[]; readonly to?: string };

/** Opens one in a folder of its own. `without` is an outcome of packages that no worker is to get. */
export async function openFilledClientLab(options: { readonly without?: string } = {}): Promise<FilledClientLab> {
  const folder = await mkdtemp(join(tmpdir(), 'reproof-clients-'));
  const closers = [() => rm(folder, { recursive: true, force: true })];
  const close = async (): Promise<void> => {
    for (const one of closers.toReversed()) await one();
  };
  try {
    return { ...(await fill(folder, { closers, ...options })), close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function fill(
  folder: string,
  { closers, without }: { readonly closers: (() => Promise<void>)[]; readonly without?: string },
): Promise<FilledClientLab> {
  const lab = await openClientLab(folder);
  closers.push(lab.close);
  const urlOf = (name: string, ending: string): string => `${lab.files.url}/pool/${name}_${VERSION}_amd64.${ending}`;
  const send = (suite: ClientSuite, list: SentList, given: ClientInput = {}): Promise<ClientResult> => {
    const { distribution, names, to = lab.url } = list;
    const more = suite === 'sid' ? [] : [distribution, 'main'];
    const stdin = listForStdin(suite, { distribution, names, version: VERSION, urlOf });
    return lab.run(suite, ['rebuildctl', '-H', to, 'pkgs', 'sync-stdin', ...more], { ...given, stdin });
  };
  const namesOf = (distribution: string): readonly string[] =>
    lab.packages.of(distribution).filter((name) => name !== `${distribution}-${without}`);
  const sent = {
    sid: await send('sid', { distribution: 'new', names: ['mixed', ...namesOf('new')] }),
    trixie: await send('trixie', { distribution: 'old', names: namesOf('old') }),
  };
  const workers = {
    sid: await lab.startWorker('sid', DISTRIBUTION.sid),
    trixie: await lab.startWorker('trixie', DISTRIBUTION.trixie),
  };
  const home = join(folder, 'below');
  await mkdir(home);
  const below = await startService(home, { signupSecret: 'the secret of nobody', basePath: '/amd64' });
  closers.push(below.stop);
  await lab.write('cookie-below', `${below.token}\n`);
  const mixed = lab.packages.debs.get('mixed');
  if (mixed === undefined) throw new Error('the package mixed was not made');
  await recordOwnResult(lab.data, mixed, 'ours');
  const rebuildctl = (suite: ClientSuite, ...argv: readonly string[]): Promise<ClientResult> =>
    lab.run(suite, ['rebuildctl', '-H', lab.url, ...argv]);
  return { ...lab, sent, workers, below, rebuildctl, send, urlOf };
}
