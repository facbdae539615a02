import {
  BOOT_CODE_BYTES,
  diskImageFormat,
  type Partition,
  partitionTableKind,
  readPartitionTable,
} from '../../../formats/index.ts';
import { rangeSource } from '../../byte-source.ts';
import { escapeName } from '../../escape.ts';
import { readBytesOf } from '../../random-access.ts';
import type { ByteSource, ContainerComparator, ContainerFact, FactReason, Member } from '../../types.ts';
import { partitionTypeName } from './partition-types.ts';

const PARTITIONS = 1024;
/** Values that are drawn anew for every disk. */
const RANDOM: ReadonlySet<string> = new Set(['disk GUID', 'disk signature']);

/**
 * Images of whole disks, by a GPT or an MBR with its extended partitions: the boot code, each partition by number, and
 * whatever stands in none, such as a boot loader behind the MBR.
 */
export const partitions: ContainerComparator = {
  kind: 'container',
  id: 'disk',
  readsAnywhere: true,
  // What begins a file system or an ISO 9660 that can be started from may hold a table, too.
  recognizes: (head) => diskImageFormat(head) === undefined && partitionTableKind(head) !== undefined,
  members,
};

async function* members(source: ByteSource): AsyncGenerator<Member | ContainerFact> {
  const size = source.size as number;
  const { read, close } = readBytesOf(source);
  try {
    const table = readPartitionTable({ read, size }, { partitions: PARTITIONS });
    yield { fact: 'partition table', value: table.kind };
    for (const [fact, value] of Object.entries(table.fields)) {
      const reason: FactReason = { kind: 'random', evidence: `${fact} of the partition table` };
      yield { fact, value, ...(RANDOM.has(fact) ? { reason } : {}) };
    }
    yield rangeMember(source, { name: '(boot code)', offset: 0, size: BOOT_CODE_BYTES });
    for (const partition of table.partitions) {
      const { number, offset, size: bytes, fields } = partition;
      yield { ...rangeMember(source, { name: `partition ${number}`, offset, size: bytes }), header: headerOf(fields) };
    }
    for (const gap of gapsOf([...table.partitions, ...table.tables], table.partitions, size))
      if (await holdsSomething(source, gap)) yield rangeMember(source, gap);
  } finally {
    close();
  }
}

type Range = { readonly name: string; readonly offset: number; readonly size: number };

function rangeMember(source: ByteSource, range: Range): Member {
  const { name, offset, size } = range;
  return { name, pairAs: name, header: {}, content: rangeSource(source, range).open(), offset, size };
}

function headerOf(fields: Partition['fields']): Member['header'] {
  const { type = '', ...rest } = fields;
  const told = Object.entries(rest).map(([name, value]) => [name, escapeName(value)] as const);
  return { 'partition type': partitionTypeName(type), ...Object.fromEntries(told) };
}

type Taken = { readonly offset: number; readonly size: number };

/** What is in no partition and no table, named for the partition that it follows on the disk. */
function gapsOf(taken: readonly Taken[], listed: readonly Partition[], size: number): readonly Range[] {
  const gaps: Range[] = [];
  let end = 0;
  for (const { offset, size: bytes } of [...taken, { offset: size, size: 0 }].sort(
    (one, other) => one.offset - other.offset,
  )) {
    if (offset > end) gaps.push({ name: gapName(listed, end), offset: end, size: offset - end });
    end = Math.max(end, offset + bytes);
  }
  return gaps;
}

function gapName(listed: readonly Partition[], offset: number): string {
  const before = listed
    .filter((each) => each.offset + each.size <= offset)
    .sort((one, other) => other.offset - one.offset);
  return before[0] === undefined ? '(before the partitions)' : `(after partition ${before[0].number})`;
}

async function holdsSomething(source: ByteSource, range: Range): Promise<boolean> {
  for await (const piece of rangeSource(source, range).open()) if (piece.some((byte) => byte !== 0)) return true;
  return false;
}
