import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BuildInfo, EnvironmentLock } from '../../model/index.ts';
import { diffInventories, environmentDrift, type Inventory, type InventoryItem } from '../../sbom/index.ts';

const environment = (...items: readonly Omit<InventoryItem, 'kind'>[]): Inventory => ({
  kind: 'environment',
  name: 'x',
  items: items.map((item) => ({ kind: 'package', ...item })),
});
const changes = (left: Inventory, right: Inventory) => diffInventories(left, right).changes;
const [a, b] = ['a'.repeat(64), 'b'.repeat(64)];

describe('two inventories', () => {
  it('differ by what was added, removed, of another version and of other bytes', () => {
    const left = environment(
      { name: 'bytes', version: '1', sha256: a },
      { name: 'gone', version: '1' },
      { name: 'same', version: '1', sha256: a },
      { name: 'version', version: '1', sha256: a },
      { name: 'unread', version: '1' },
    );
    const right = environment(
      { name: 'new', version: '2' },
      { name: 'bytes', version: '1', sha256: b },
      { name: 'version', version: '2', sha256: b },
      { name: 'unread', version: '1', sha256: a },
      { name: 'same', version: '1', sha256: a },
    );
    const diff = diffInventories(left, right);
    expect(diff.changes).toEqual([
      {
        kind: 'bytes',
        what: 'package',
        name: 'bytes',
        left: { version: '1', sha256: a },
        right: { version: '1', sha256: b },
      },
      { kind: 'removed', what: 'package', name: 'gone', left: { version: '1' } },
      { kind: 'added', what: 'package', name: 'new', right: { version: '2' } },
      {
        kind: 'version',
        what: 'package',
        name: 'version',
        left: { version: '1', sha256: a },
        right: { version: '2', sha256: b },
      },
    ]);
    expect(diff.counts).toEqual({ added: 1, removed: 1, version: 1, bytes: 1, same: 1, sameVersion: 1 });
  });

  it('pair one name in two architectures with its own', () => {
    const left = environment(
      { name: 'c', version: '1', architecture: 'amd64' },
      { name: 'c', version: '1', architecture: 'i386' },
    );
    const right = environment(
      { name: 'c', version: '2', architecture: 'i386' },
      { name: 'c', version: '1', architecture: 'amd64' },
    );
    expect(changes(left, right)).toEqual([
      {
        kind: 'version',
        what: 'package',
        name: 'c',
        left: { version: '1', architecture: 'i386' },
        right: { version: '2', architecture: 'i386' },
      },
    ]);
  });

  it('pair a name without an architecture with the only one of it, and the native one of two', () => {
    const without = environment({ name: 'c', version: '1' });
    expect(changes(without, environment({ name: 'c', version: '1', architecture: 'amd64' }))).toEqual([]);
    const both = environment(
      { name: 'c', version: '1', architecture: 'amd64' },
      { name: 'c', version: '1', architecture: 'i386' },
    );
    expect(changes(without, both)).toMatchObject([{ kind: 'added', name: 'c', right: { architecture: 'i386' } }]);
  });

  it('are equal to themselves in any order, and give the mirrored changes with sides swapped', () => {
    const item = fc.record({
      name: fc.constantFrom('a', 'b', 'c'),
      version: fc.constantFrom('1', '2'),
      architecture: fc.constantFrom('amd64', 'i386', 'all'),
      sha256: fc.constantFrom(a, b),
    });
    const unique = fc.uniqueArray(item, { selector: ({ name, architecture }) => `${name}:${architecture}` });
    fc.assert(
      fc.property(unique, unique, (left, right) => {
        expect(changes(environment(...left), environment(...left.toReversed()))).toEqual([]);
        const there = diffInventories(environment(...left), environment(...right)).counts;
        const back = diffInventories(environment(...right), environment(...left.toReversed())).counts;
        expect(back).toEqual({ ...there, added: there.removed, removed: there.added });
      }),
    );
  });

  it('of many packages of one name are compared in one go', () => {
    const kind = 'package' as const;
    const items = Array.from({ length: 200_000 }, (_, index) => ({ kind, name: 'x', version: String(index) }));
    const many: Inventory = { kind: 'environment', name: 'x', items };
    expect(diffInventories(many, { ...many, items: items.toReversed() }).counts.sameVersion).toBe(200_000);
  });
});

describe('the drift of an environment', () => {
  const origin = { kind: 'snapshot', sha1: 'x', name: 'x' } as const;
  const locked = (name: string, version: string, architecture = 'amd64') => ({
    name,
    version,
    architecture,
    size: 1,
    sha256: a,
    origin,
  });
  const lock: EnvironmentLock = {
    schema: 'reproof-lock/1',
    recipe: 1,
    ecosystem: 'debian',
    suite: 'trixie',
    architecture: 'amd64',
    layers: [
      {
        name: 'base',
        packages: [locked('apt', '3.0'), locked('base-files', '13'), locked('tzdata', '1', 'all')],
        remove: [],
      },
      {
        name: 'build-dependencies',
        packages: [locked('gcc', '14.2'), locked('tzdata', '2', 'all'), locked('libc6', '2.41', 'i386')],
        remove: ['apt'],
      },
    ],
  };
  const buildInfo: BuildInfo = {
    source: 'less',
    sourceVersion: '668-1',
    version: '668-1',
    architectures: ['amd64'],
    buildArchitecture: 'amd64',
    environment: {},
    installedBuildDepends: [
      { name: 'base-files', version: '13' },
      { name: 'gcc', version: '14.1' },
      { name: 'libc6', version: '2.41', architecture: 'i386' },
      { name: 'old', version: '1' },
    ],
    artifacts: [],
    text: 'Format: 1.0\n',
  };

  it('is what differs between the .buildinfo and what the lock installs', () => {
    expect(environmentDrift(buildInfo, lock)).toEqual({
      schema: 'reproof-sbom-diff/1',
      left: { kind: 'environment', name: 'the .buildinfo of less 668-1 amd64' },
      right: { kind: 'environment', name: 'the lock for trixie amd64' },
      changes: [
        {
          kind: 'version',
          what: 'package',
          name: 'gcc',
          left: { version: '14.1' },
          right: { version: '14.2', architecture: 'amd64', sha256: a },
        },
        { kind: 'removed', what: 'package', name: 'old', left: { version: '1' } },
        { kind: 'added', what: 'package', name: 'tzdata', right: { version: '2', architecture: 'all', sha256: a } },
      ],
      counts: { added: 1, removed: 1, version: 1, bytes: 0, same: 0, sameVersion: 2 },
    });
  });
});
