import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RebuildRecord, SandboxLimits } from '../../../model/index.ts';
import { storeIdentity } from '../../../rebuilder/engine/ownership.ts';
import { labEngine, labOptions, rebuildDsc } from '../../helpers/engine-lab.ts';
import { makeSourcePackage } from '../../helpers/source-package.ts';

const MEBIBYTE = 1024 * 1024;
let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'reproof-limits-'));
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function rebuildHostile(name: string, binary: string, limits: Partial<SandboxLimits>): Promise<RebuildRecord> {
  const source = await makeSourcePackage({ name, folder, binary });
  const options = labOptions();
  return rebuildDsc(source.dscPath, { ...options, limits: { ...options.limits, wallSeconds: 120, ...limits } });
}

function outcomeOf(record: RebuildRecord): unknown {
  return {
    outcome: record.attempts[0]?.outcome,
    verdict: record.verdict.kind,
    reason: 'reason' in record.verdict ? record.verdict.reason : undefined,
  };
}

function exceeded(limit: string, value: number): unknown {
  return { outcome: { kind: 'exceeded', limit, value }, verdict: 'inconclusive', reason: 'limit exceeded' };
}

async function expectNothingLeft(): Promise<void> {
  const { docker } = await labEngine();
  const containers = await docker.listContainers({
    all: true,
    filters: { label: [`org.reproof.store=${await storeIdentity(labOptions().dataFolder)}`] },
  });
  expect(containers.map((container) => container.Names)).toEqual([]);
}

describe('a build that never ends well is stopped at its limit, and the record says which', () => {
  it('memory', async () => {
    const record = await rebuildHostile('eats-memory', `perl -e 'my @a; push @a, "x" x 10_000_000 while 1'`, {
      memoryBytes: 256 * MEBIBYTE,
    });
    expect(outcomeOf(record)).toEqual(exceeded('memory', 256 * MEBIBYTE));
    await expectNothingLeft();
  });

  it('memory, when it is files in /tmp', async () => {
    const record = await rebuildHostile('fills-tmp', 'dd if=/dev/zero of=/tmp/big bs=1M count=2000', {
      memoryBytes: 256 * MEBIBYTE,
    });
    expect(outcomeOf(record)).toEqual(exceeded('memory', 256 * MEBIBYTE));
  });

  it('processes, when it forks without end and waits', async () => {
    const record = await rebuildHostile(
      'forks',
      `perl -e 'while (1) { my $p = fork; if (defined $p) { if (!$p) { sleep 1000; exit } } else { sleep 1 } }'`,
      { processes: 128 },
    );
    expect(outcomeOf(record)).toEqual(exceeded('processes', 128));
  });

  it('processes, when it fails on the first refused fork', async () => {
    const record = await rebuildHostile('forks-once', 'i=0; while [ $i -lt 500 ]; do sleep 30 & i=$((i+1)); done', {
      processes: 128,
    });
    expect(outcomeOf(record)).toEqual(exceeded('processes', 128));
  });

  it('disk', async () => {
    const record = await rebuildHostile(
      'fills-disk',
      'i=0; while :; do dd if=/dev/zero of=file-$i bs=1M count=50 2>/dev/null; sleep 0.2; i=$((i+1)); done',
      { diskBytes: 400 * MEBIBYTE },
    );
    expect(outcomeOf(record)).toEqual(exceeded('disk', 400 * MEBIBYTE));
  });

  it('disk, when it is one file', async () => {
    const record = await rebuildHostile('fills-disk-at-once', 'dd if=/dev/zero of=file bs=1M count=1000', {
      diskBytes: 300 * MEBIBYTE,
    });
    expect(outcomeOf(record)).toEqual(exceeded('disk', 300 * MEBIBYTE));
  });

  it('log', async () => {
    const record = await rebuildHostile('prints', 'yes', { logBytes: 2 * MEBIBYTE });
    expect(outcomeOf(record)).toEqual(exceeded('log', 2 * MEBIBYTE));
    expect(record.attempts[0]?.log.truncated).toBe(true);
  });

  it('wall time', async () => {
    const record = await rebuildHostile('never-ends', 'sleep 1000', { wallSeconds: 5 });
    expect(outcomeOf(record)).toEqual(exceeded('wall-time', 5));
    await expectNothingLeft();
  });
});
