import type { ClientSuite } from './client-images.ts';

/** What `rebuildctl pkgs sync-stdin` reads, in the form of a suite's generation: packages of one file each, of main. */
export function listForStdin(
  suite: ClientSuite,
  list: {
    readonly distribution: string;
    readonly names: readonly string[];
    readonly version: string;
    readonly urlOf: (name: string, ending: 'deb' | 'buildinfo') => string;
  },
): string {
  const { distribution, names, version, urlOf } = list;
  const entries = names.map((name) => {
    const file = { name, version, url: urlOf(name, 'deb') };
    const input = urlOf(name, 'buildinfo');
    return suite === 'sid'
      ? { name, version, url: input, artifacts: [{ ...file, component: 'main', architecture: 'amd64' }] }
      : {
          ...{ name, version, distro: distribution, suite: 'main', architecture: 'amd64' },
          ...{ input_url: input, artifacts: [file] },
        };
  });
  return JSON.stringify(
    suite === 'sid' ? { distribution, release: 'sid', architecture: 'amd64', packages: entries } : entries,
  );
}

/** rebuilderd-sync.conf with a profile named p, of one package of an archive's suite sid. */
export function syncSettings(
  suite: ClientSuite,
  { archive, name, architecture }: { readonly archive: string; readonly name: string; readonly architecture: string },
): string {
  const place = `releases = ["sid"]\narchitectures = ["${architecture}"]\nsource = "${archive}"\n`;
  return suite === 'sid'
    ? `[profile."p"]\ndistro = "debian"\ncomponents = ["main"]\n${place}[[profile."p".include]]\nsource_pkgs = ["${name}"]\ncomponent = "main"\n`
    : `[profile."p"]\ndistro = "debian"\nsuite = "main"\n${place}pkgs = ["${name}"]\n`;
}

/** rebuilderd-worker.conf of a worker that builds one distribution by the lab's backend. */
export function workerSettings(distribution: string, signupSecret: string): string {
  return [
    `signup_secret = "${signupSecret}"`,
    'supported_architectures = ["x86_64", "all"]',
    'idle_delay = 2',
    '[build]\ntimeout = 600',
    '[diffoscope]\nenabled = true\ntimeout = 120',
    `[backend."${distribution}"]\npath = "/lab/backend.sh"\n`,
  ].join('\n');
}

/** repro-threshold.conf that asks for the word of one rebuilder. */
export function thresholdSettings(url: string, publicKey: string): string {
  const rebuilder = `name = "lab"\nurl = "${url}/"\ndistributions = ["debian"]\nsigning_keyring = """\n${publicKey}"""\n`;
  return `[rules]\nrequired_threshold = 1\n\n[[trusted_rebuilder]]\n${rebuilder}`;
}
