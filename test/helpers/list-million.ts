import { type ByteSource, explain } from '../../compare/index.ts';
import { tarHeader } from './hostile-files.ts';

// Run by itself, so that its heap is its own: two archives of a million members, made while they are read.
const MEMBERS = 1_000_000;
const BATCH = 500;

/** The header of a member whose name is of zeros. */
const PATTERN = tarHeader('000000', '00000000001\0');
const CONTENT = Buffer.alloc(512, 'x\0').fill(0, 1);

/** The checksum of the pattern, whose digits are zeros. */
const BASE = Number.parseInt(PATTERN.toString('latin1', 148, 154), 8);

function archive(name: string, end: string): ByteSource {
  const batch = Buffer.concat(Array.from({ length: BATCH }, () => Buffer.concat([PATTERN, CONTENT])));
  return {
    name,
    size: undefined,
    async *open() {
      for (let first = 0; first < MEMBERS; first += BATCH) {
        for (let index = 0; index < BATCH; index++) {
          const at = index * 1024;
          const number = String(first + index).padStart(6, '0');
          let sum = 0;
          for (const digit of number) sum += Number(digit);
          batch.write(number, at, 'latin1');
          batch.write((BASE + sum).toString(8).padStart(6, '0'), at + 148, 'latin1');
        }
        yield Buffer.from(batch);
      }
      yield Buffer.alloc(1024);
      yield Buffer.from(end);
    },
  };
}

const found = await explain(archive('one.tar', 'one'), archive('two.tar', 'two'));
process.stdout.write(JSON.stringify({ kind: found.kind, notes: found.notes, truncated: found.truncated }));
