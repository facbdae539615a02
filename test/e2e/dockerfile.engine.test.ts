import {
  accessSync,
  constants,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type ProgramResult, runProgram } from '../../programs/index.ts';
import { aptMirror } from '../helpers/apt-mirror.ts';

const root = join(import.meta.dirname, '..', '..');
const images = {
  base: `reproof-test-base:${process.pid}`,
  build: `reproof-test-build:${process.pid}`,
  product: `reproof-test:${process.pid}`,
};
const label = `reproof.test=${process.pid}`;
const engine = process.env.DOCKER_HOST === undefined ? {} : { DOCKER_HOST: process.env.DOCKER_HOST };
const socket = (process.env.DOCKER_HOST ?? '/var/run/docker.sock').replace(/^unix:\/\//, '');
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };

async function run(argv: readonly [string, ...string[]], wallSeconds = 60): Promise<ProgramResult> {
  // Docker's client 20.10 and later ones without buildx know this builder alone.
  const env = { ...engine, HOME: process.env.HOME ?? '/', DOCKER_BUILDKIT: '0' };
  return runProgram(argv, { limits: { wallSeconds, outputBytes: 50_000_000 }, env });
}

async function succeed(argv: readonly [string, ...string[]], wallSeconds = 60): Promise<string> {
  const { status, stdout, stderr } = await run(argv, wallSeconds);
  if (status !== 0)
    throw new Error(`${argv.join(' ')}: status ${status}\n${stdout.toString().slice(-4000)}\n${stderr}`);
  return stdout.toString();
}

function inPath(name: string): string {
  for (const folder of (process.env.PATH ?? '').split(':')) {
    try {
      accessSync(join(folder, name), constants.X_OK);
      return realpathSync(join(folder, name));
    } catch {
      // It is in a later folder.
    }
  }
  throw new Error(`${name} is not in the PATH`);
}

/**
 * Stands in for node:24-bookworm-slim, which is on a registry: Debian 12 with this machine's Node and npm, and with
 * what this machine needs to reach its mirror and registry.
 */
async function makeBase(folder: string): Promise<void> {
  const npm = dirname(dirname(inPath('npm')));
  const registry = await succeed([process.execPath, join(npm, 'bin', 'npm-cli.js'), 'config', 'get', 'registry']);
  writeFileSync(join(folder, 'npmrc'), `registry=${registry.trim()}\n`);
  const authorities = process.env.NODE_EXTRA_CA_CERTS ?? '/etc/ssl/certs/ca-certificates.crt';
  const tar = join(folder, 'base.tar');
  const bundled = 'usr/local/lib/node_modules/npm';
  await succeed(
    [
      'mmdebstrap',
      '--variant=apt',
      '--include=ca-certificates',
      '--aptopt=Acquire::Check-Valid-Until "false"',
      '--aptopt=Acquire::Check-Date "false"',
      `--customize-hook=upload ${realpathSync(process.execPath)} /usr/local/bin/node`,
      `--customize-hook=upload ${authorities} /etc/ssl/host-authorities.crt`,
      '--customize-hook=mkdir -p "$1/usr/local/etc" "$1/usr/local/lib/node_modules"',
      `--customize-hook=upload ${join(folder, 'npmrc')} /usr/local/etc/npmrc`,
      '--customize-hook=chmod 755 "$1/usr/local/bin/node"',
      '--customize-hook=chmod 644 "$1/usr/local/etc/npmrc" "$1/etc/ssl/host-authorities.crt"',
      `--customize-hook=copy-in ${npm} /usr/local/lib/node_modules`,
      `--customize-hook=chroot "$1" ln -s /${bundled}/bin/npm-cli.js /usr/local/bin/npm`,
      'bookworm',
      tar,
      await aptMirror(),
    ],
    300,
  );
  await succeed(
    [
      'docker',
      'import',
      '--change',
      `LABEL ${label}`,
      '--change',
      'ENV NODE_EXTRA_CA_CERTS=/etc/ssl/host-authorities.crt',
      tar,
      images.base,
    ],
    120,
  );
}

async function inProduct(...argv: readonly string[]): Promise<ProgramResult> {
  return run(['docker', 'run', '--rm', '--network', 'none', ...argv]);
}

describe("the product's own image", () => {
  beforeAll(async () => {
    const folder = mkdtempSync(join(tmpdir(), 'reproof-image-'));
    try {
      await makeBase(folder);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
    const build = ['docker', 'build', '--network', 'host', '--force-rm', '--build-arg', `BASE=${images.base}`] as const;
    await succeed([...build, '--target', 'build', '-t', images.build, root], 600);
    await succeed([...build, '-t', images.product, root], 600);
  }, 900_000);
  afterAll(async () => {
    // Every image made here inherits the base's label, those that a failed build left included.
    const made = await run(['docker', 'images', '--all', '--quiet', '--filter', `label=${label}`]);
    const ids = [...new Set(made.stdout.toString().split('\n'))].filter((id) => id !== '');
    await run(['docker', 'rmi', '--force', ...ids]);
  });

  it('says its version', async () => {
    const result = await inProduct(images.product, '--version');
    expect({ ...result, stdout: result.stdout.toString() }).toMatchObject({ status: 0, stdout: `${version}\n` });
  });

  it('runs as a user that is not root, who may write its data and cache', async () => {
    const script = 'id -u; touch /data/a /cache/a && echo written; touch /opt/reproof/a 2>/dev/null || echo refused';
    const result = await inProduct('--entrypoint', 'sh', images.product, '-c', script);
    expect(result.stdout.toString()).toBe('10000\nwritten\nrefused\n');
  });

  it('holds the programs and keys it reads archives with, and no development packages', async () => {
    const script =
      'for p in gpgv xz zstd bzip2 dpkg-deb; do command -v $p >/dev/null || echo no $p; done; ' +
      'ls /usr/share/keyrings/debian-archive-keyring.gpg node_modules/undici/package.json; ls node_modules/vitest';
    const result = await inProduct('--entrypoint', 'sh', images.product, '-c', script);
    expect(result.stdout.toString()).toBe(
      '/usr/share/keyrings/debian-archive-keyring.gpg\nnode_modules/undici/package.json\n',
    );
    expect(result.stderr).toMatch(/vitest.*No such file/);
  });

  it('serves, with a read-only file system and no capabilities, and stops in good order', async () => {
    const name = `reproof-test-serve-${process.pid}`;
    const limits = ['--read-only', '--tmpfs', '/tmp', '--cap-drop', 'ALL', '--security-opt', 'no-new-privileges'];
    await succeed([
      'docker',
      'run',
      '--detach',
      '--network',
      'none',
      '--name',
      name,
      ...limits,
      ...[images.product, 'serve', '--listen', '0.0.0.0:8484', '--workers', '0', '--base-path', '/amd64'],
    ]);
    try {
      const ask = "fetch('http://127.0.0.1:8484/amd64/healthz').then((answer) => answer.text()).then(console.log)";
      const inside = ['docker', 'exec', name] as const;
      await vi.waitUntil(async () => (await run([...inside, 'node', '-e', ask])).stdout.toString() === 'ok\n\n', {
        timeout: 60_000,
        interval: 500,
      });
      expect(await succeed([...inside, 'reproof', 'token', 'create', 'me', '--role', 'reader'])).toMatch(/^reproof_/);
      expect(await succeed([...inside, 'node', '-e', "import('pg').then(() => console.log('pg'))"])).toBe('pg\n');
      await succeed(['docker', 'stop', '--time', '60', name], 90);
      expect(await succeed(['docker', 'inspect', '--format', '{{.State.ExitCode}}', name])).toBe('0\n');
    } finally {
      await run(['docker', 'rm', '--force', '--volumes', name]);
    }
  });

  it("reaches the host's engine by its socket, given the socket's group", async () => {
    const group = String(statSync(socket).gid);
    const mount = ['-v', `${socket}:/var/run/docker.sock`, '--group-add', group];
    const result = await inProduct(...mount, images.product, 'doctor', '--json');
    expect(JSON.stringify(JSON.parse(result.stdout.toString()))).toMatch(/docker/);
  });
});
