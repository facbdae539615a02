import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { bufferSource, type CompareLimits, explain } from '../../compare/index.ts';
import type { Difference } from '../../model/index.ts';
import { tarFile } from '../helpers/hostile-files.ts';
import { textOf } from '../helpers/run-cli.ts';

const HEAP_MEGABYTES = 256;
const compare = (left: Buffer, right: Buffer, limits: Partial<CompareLimits>): Promise<Difference> =>
  explain(bufferSource('file', left), bufferSource('file', right), { limits });
const all = (node: Difference): Difference[] => [node, ...node.children.flatMap(all)];

describe('the memory for listed members', () => {
  it('ends the listing of a million of them with a note, in a small heap', async () => {
    const script = join(import.meta.dirname, '../helpers/list-million.ts');
    const child = spawn(process.execPath, [`--max-old-space-size=${HEAP_MEGABYTES}`, script], {
      env: { PATH: process.env.PATH },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [text] = await Promise.all([textOf(child.stdout), once(child, 'close')]);
    expect(child.exitCode).toBe(0);
    expect(JSON.parse(text)).toEqual({
      kind: 'bytes',
      notes: ['ARCHIVE_LIMIT: comparing: the limit of 335544320 listedBytes was reached'],
      truncated: true,
    });
  }, 300_000);

  it('is given back where an archive was looked into', async () => {
    const archive = (text: string): Buffer =>
      tarFile(Array.from({ length: 50 }, (_, index) => ({ name: `name${index}`, content: Buffer.from(text) })));
    const made = (text: string): Buffer =>
      tarFile(
        Array.from({ length: 20 }, (_, index) => ({ name: `${index}.tar.gz`, content: gzipSync(archive(text)) })),
      );
    const found = await compare(made('one'), made('two'), { listedBytes: 200_000 });
    expect(all(found).filter(({ kind }) => kind === 'gzip')).toHaveLength(20);
    expect(all(found).some(({ truncated }) => truncated)).toBe(false);
    const less = await compare(made('one'), made('two'), { listedBytes: 100_000 });
    expect(JSON.stringify(less)).toContain('the limit of 100000 listedBytes was reached');
    expect(less.kind).toBe('tar');
  });
});
