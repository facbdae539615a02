import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { textOf } from '../../helpers/run-cli.ts';

const FILES = 100_000;
const HEAP_MEGABYTES = 320;

it.each(['cyclonedx-1.6', 'spdx-2.3'])(
  `a package of ${FILES} files has its SBOM of %s written in a heap of ${HEAP_MEGABYTES} MB`,
  async (format) => {
    const script = join(import.meta.dirname, '../../helpers/sbom-of-many.ts');
    const argv = [`--max-old-space-size=${HEAP_MEGABYTES}`, script, String(FILES), format];
    const child = spawn(process.execPath, argv, {
      env: { PATH: process.env.PATH },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [text] = await Promise.all([textOf(child.stdout), once(child, 'close')]);
    expect(child.exitCode).toBe(0);
    const { files, bytes, peak } = JSON.parse(text) as Record<'files' | 'bytes' | 'peak', number>;
    expect(files).toBe(FILES);
    expect(bytes).toBeGreaterThan(FILES * 300);
    expect(peak).toBeLessThan(900 * 1024 ** 2);
  },
  120_000,
);
