import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runProgram } from '../../../programs/index.ts';

const DOOR = resolve(import.meta.dirname, '../../../attest/verify/index.ts');

/** Prints every module that is loaded, one a line. */
const HOOK = `data:text/javascript,${encodeURIComponent(
  "import { registerHooks } from 'node:module'; registerHooks({ load: (url, context, next) => { process.stdout.write(url + '\\n'); return next(url, context); } });",
)}`;

describe('what is loaded to verify', () => {
  it('holds no package, and nothing that signs, opens files, or reaches a database or a network', async () => {
    const { status, stdout } = await runProgram([process.execPath, '--import', HOOK, DOOR], {
      limits: { wallSeconds: 60, outputBytes: 1_000_000 },
    });
    const loaded = stdout.toString().trim().split('\n');
    expect(status).toBe(0);
    expect(loaded.filter((url) => url.startsWith('file:')).length).toBeGreaterThan(30);
    expect(loaded).toContain(`file://${DOOR}`);
    const own = loaded.filter((url) =>
      /signer|\/keys\/|link-key|\/writer\/|\/reader\/|\/rebuilder\/|\/compare\//.test(url),
    );
    const packages = loaded.map((url) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1] ?? '');
    const builtIn = loaded.filter((url) => /^node:(?!crypto$|buffer$|url$|module$)/.test(url));
    expect(own).toEqual([]);
    expect(builtIn).toEqual([]);
    expect(new Set(packages)).toEqual(new Set(['']));
  });
});
