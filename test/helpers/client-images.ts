import { debianImage } from './debian-image.ts';

export { docker } from './debian-image.ts';

/** Where Debian has clients of rebuilderd: the stable release those of version 0, unstable those of version 1. */
export type ClientSuite = 'trixie' | 'sid';

const CLIENTS = ['rebuildctl', 'rebuilderd-worker', 'debian-repro-status', 'diffoscope-minimal'];
const PACKAGES: Readonly<Record<ClientSuite, readonly string[]>> = {
  trixie: CLIENTS,
  sid: [...CLIENTS, 'repro-threshold'],
};

/** The image with a suite's clients, from Debian's own packages on this machine's mirror. */
export function clientImage(suite: ClientSuite): Promise<string> {
  return debianImage(suite, PACKAGES[suite], 'clients');
}
