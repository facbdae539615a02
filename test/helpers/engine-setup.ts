import Docker from 'dockerode';

/**
 * Vitest's global set-up of the engine project: ends the whole run when no container engine answers, so that a test
 * of real builds is never passed over in silence.
 */
export async function setup(): Promise<void> {
  const where = process.env.DOCKER_HOST ?? '/var/run/docker.sock';
  try {
    await new Docker({ timeout: 10_000 }).ping();
  } catch (cause) {
    throw new Error(
      `the engine tests need a container engine, and none answers on ${where}. Run them by \`npm test\`, which starts one.`,
      { cause },
    );
  }
}
