import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { connectEngine } from '../../../rebuilder/engine/index.ts';

const servers: Server[] = [];
afterEach(async () => {
  await Promise.all(
    servers.splice(0).map((server) => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    }),
  );
});

async function serve(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const json =
  (answers: Readonly<Record<string, unknown>>): RequestListener =>
  (request, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(answers[request.url ?? ''] ?? {}));
  };

const INFO = { ID: 'ABCD', Name: 'host', NCPU: 3, MemTotal: 4096, CgroupVersion: '2', Driver: 'overlay2' };

describe('connecting to a container engine', () => {
  it('says what the engine tells of itself', async () => {
    const address = await serve(
      json({
        '/version': { Version: '20.10.24', ApiVersion: '1.41', Arch: '386', Components: [{ Name: 'Engine' }] },
        '/info': { ...INFO, DockerRootDir: '/var/lib/docker' },
      }),
    );
    const { docker, ...engine } = await connectEngine(address);
    expect(docker).toBeDefined();
    expect(engine).toEqual({
      address,
      id: 'ABCD',
      name: 'docker',
      version: '20.10.24',
      apiVersion: '1.41',
      architecture: 'i386',
      cpus: 3,
      memoryBytes: 4096,
      cgroupVersion: '2',
      storageDriver: 'overlay2',
      rootFolder: '/var/lib/docker',
      local: false,
    });
  });

  it('knows Podman, and gives it an id that stays', async () => {
    const address = await serve(
      json({
        '/version': { Version: '4.3.1', ApiVersion: '1.41', Arch: 'amd64', Components: [{ Name: 'Podman Engine' }] },
        '/info': { ...INFO, ID: 'new each time', DockerRootDir: '/home/a/storage' },
      }),
    );
    await expect(connectEngine(address)).resolves.toMatchObject({ name: 'podman', id: 'podman:host:/home/a/storage' });
  });

  it('refuses a server that is something else', async () => {
    const address = await serve(json({}));
    await expect(connectEngine(address)).rejects.toMatchObject({
      code: 'ENGINE_UNAVAILABLE',
      message: expect.stringContaining('not a container engine'),
    });
  });

  it('says that there is no such socket, whatever DOCKER_HOST names', async () => {
    const before = process.env.DOCKER_HOST;
    process.env.DOCKER_HOST = await serve(json({ '/version': { Version: '1' }, '/info': INFO }));
    try {
      await expect(connectEngine('unix:///nonexistent/engine.sock')).rejects.toMatchObject({
        code: 'ENGINE_UNAVAILABLE',
        message:
          'connecting to the container engine at unix:///nonexistent/engine.sock: there is no such socket; start the engine, or name another with --engine',
      });
    } finally {
      if (before === undefined) delete process.env.DOCKER_HOST;
      else process.env.DOCKER_HOST = before;
    }
  });

  it('says that nothing listens at an address', async () => {
    const address = await serve(json({}));
    await new Promise((resolve) => servers.pop()?.close(resolve));
    await expect(connectEngine(address)).rejects.toMatchObject({
      code: 'ENGINE_UNAVAILABLE',
      message: expect.stringContaining('nothing listens there'),
    });
  });

  it.each(['ssh://builder@example.org', 'example.org', 'tcp://', ''])('refuses the address %j', async (address) => {
    await expect(connectEngine(address)).rejects.toMatchObject({
      code: 'ENGINE_UNAVAILABLE',
      message: expect.stringContaining('neither a socket'),
    });
  });
});
