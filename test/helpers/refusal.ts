import { access, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { type ErrorCode, isSha256 } from '../../model/index.ts';
import { type Home, leftOnEngine, newest } from './faulty-archive.ts';
import type { CliResult } from './run-cli.ts';

export type Refusal = {
  readonly status: number;
  readonly code: ErrorCode;
  readonly message: RegExp;
};

type ToldError = {
  readonly code: string;
  readonly message: string;
  readonly context: Readonly<Record<string, unknown>>;
};

async function filesUnder(folder: string): Promise<readonly string[]> {
  return readdir(folder).catch(() => []);
}

/**
 * Holds a quiet rebuild with --json that was refused against all a refusal has to be: its status; one line of error and
 * at most one of advice for people, the same line as JSON for programs; no record, no evidence, nothing on the engine;
 * and where digests are told, nothing in the cache under either of them.
 */
export async function expectRefused(result: CliResult, home: Home, refusal: Refusal): Promise<ToldError> {
  const evidence = await filesUnder(join(home.data, 'rebuilds'));
  const [, line] = /^reproof: ([^\n]+)\n(?: {2}→ [^\n]+\n)?$/.exec(result.stderr) ?? [];
  expect(line, result.stderr).toMatch(refusal.message);
  expect(result.status).toBe(refusal.status);
  const told = JSON.parse(result.stdout) as { readonly error: ToldError };
  expect(told).toEqual({ error: { code: refusal.code, message: line, context: expect.any(Object) } });
  const rebuild = await newest(home);
  expect([rebuild.state, rebuild.verdict]).toEqual(['unfinished', undefined]);
  expect(evidence.filter((name) => !name.startsWith('.'))).toEqual([]);
  expect(await leftOnEngine(home)).toEqual([]);
  for (const digest of [told.error.context.expected, told.error.context.found]) {
    if (typeof digest !== 'string' || !isSha256(digest)) continue;
    const kept = join(home.folder, 'cache', 'sha256', digest.slice(0, 2), digest);
    await expect(access(kept)).rejects.toThrow('ENOENT');
  }
  return told.error;
}
