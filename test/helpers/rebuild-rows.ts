import { randomUUID } from 'node:crypto';
import { zstdCompressSync } from 'node:zlib';
import { CONTROL_PAIR, canonicalJson, type Difference, type RebuildRecord } from '../../model/index.ts';
import { sampleRecord } from './sample-record.ts';
import { digestOf, serviceRows } from './service-data.ts';
import type { ServiceLab } from './service-lab.ts';

/** What a rebuild is made of, where it is not the usual: a log of a few lines, and one file that differs. */
export type MadeRebuild = {
  readonly log?: string;
  readonly tree?: Difference;
  readonly control?: Difference;
  readonly record?: Partial<RebuildRecord>;
  readonly origin?: 'ours' | 'rebuilderd' | 'imported';
  /** A text in place of a tree, as rebuilderd's workers give. */
  readonly text?: string;
};

/** The one file of a made rebuild. */
export const FILE = 'hello_2.10-5_amd64.deb';

/** A tree of three nodes. */
export const smallTree: Difference = {
  path: FILE,
  kind: 'deb',
  left: { size: 10 },
  right: { size: 11 },
  notes: ['compared by hand'],
  truncated: false,
  children: [
    {
      path: './usr/share/doc/hello/README',
      kind: 'text',
      reasons: [{ kind: 'timestamp', evidence: 'dates differ', left: '2026-01-01', right: '2026-01-02' }],
      diff: '@@ -1,3 +1,3 @@\n same\n-made on 2026-01-01\n+made on 2026-01-02\n same\n',
      fields: [{ name: 'mode', left: '0644', right: '0664' }],
      notes: [],
      children: [],
      truncated: false,
    },
    { path: './usr/bin/hello', kind: 'elf', notes: [], children: [], truncated: true },
  ],
};

/** Writes an ended rebuild that differs, with blobs for all it has. Gives its id. */
export async function makeRebuild(lab: ServiceLab, made: MadeRebuild = {}): Promise<number> {
  const rows = serviceRows(lab.database);
  const keep = async (content: string | Uint8Array): Promise<string> =>
    (await lab.blobs.put('test', one(Buffer.from(content)), 1e9)).sha256;
  const log = made.log ?? '[    0.100]  debian/rules build\n[    0.200]    dh_auto_build\nerror: no\nlast line\n';
  const tree = made.tree ?? smallTree;
  const control: readonly Difference[] =
    made.control === undefined ? [] : [{ ...made.control, path: `${CONTROL_PAIR}${made.control.path}` }];
  const record = sampleRecord('0123456789ab', { differences: [tree, ...control], ...made.record });
  const input = await rows.input({ status: 'BAD', key: `made ${randomUUID()}` });
  const result = await rows.result({
    build_input_id: input,
    status: 'BAD',
    verdict: 'unreproducible',
    reason: 'nondeterministic',
    detail: 'Two rebuilds gave different files.',
    origin: made.origin ?? 'ours',
    rebuild_id: made.origin === undefined || made.origin === 'ours' ? record.id : null,
    log_sha256: await keep(zstdCompressSync(Buffer.from(log))),
    log_bytes: Buffer.byteLength(log),
    record_sha256: made.text === undefined ? await keep(canonicalJson(record)) : null,
  });
  await rows.artifact({
    result_id: result,
    verdict: 'differs',
    status: 'BAD',
    published_sha256: digestOf('a'),
    published_bytes: 10,
    rebuilt_sha256: digestOf('b'),
    rebuilt_bytes: 11,
    ...(made.text === undefined
      ? { difference_sha256: await keep(canonicalJson(tree)) }
      : { report_sha256: await keep(zstdCompressSync(Buffer.from(made.text))) }),
  });
  return result;
}

async function* one(bytes: Buffer): AsyncGenerator<Uint8Array> {
  yield bytes;
}
