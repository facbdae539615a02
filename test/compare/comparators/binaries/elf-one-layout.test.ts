import { expect, it } from 'vitest';
import { bufferSource, explain } from '../../../../compare/index.ts';
import type { Difference } from '../../../../model/index.ts';
import { assembled, assemblerOf } from '../../../helpers/assembled-elf.ts';
import { mirror } from '../../../helpers/mirror.ts';

const LARGE = '.type large, @function\nlarge: .fill 4500000, 1, 0x90\nret\n.size large, .-large\n';
const bodies = { begin: 'call first', first: 'mov $1, %eax', second: 'mov $2, %eax' };
const swapped = { begin: 'call first', second: 'mov $2, %eax', first: 'mov $1, %eax' };

const program = (all: Readonly<Record<string, string>>): Buffer =>
  assembled(assemblerOf(all) + LARGE, ['-e', 'begin', '--no-eh-frame-hdr']);
const compare = (left: Buffer, right: Buffer): Promise<Difference> =>
  explain(bufferSource('tool', left), bufferSource('tool', right));

it('is none of a large section in which functions changed places: those that call them refer to the same', async () => {
  const [left, right] = [program(bodies), program(swapped)];
  const found = await compare(left, right);
  const text = found.children.find(({ path }) => path === '.text');
  expect(text?.detail).toBe('functions: 3 equal, 1 differ only by addresses, 0 differ, 0 only on one side');
  expect(text?.reasons?.map(({ kind }) => kind)).toEqual(['addresses']);
  expect(await compare(right, left)).toEqual(mirror(found));
});

it('is none of a large section either where a call stayed as it is, and is one of another function now', async () => {
  const found = await compare(program(bodies), program({ ...swapped, begin: 'call second' }));
  const text = found.children.find(({ path }) => path === '.text');
  expect(text?.children.find(({ path }) => path === 'begin')?.diff).toContain('-call <first>\n+call <second>\n');
  expect(text?.reasons).toEqual([{ kind: 'code', evidence: 'the same instructions refer to something else' }]);
});

it('counts functions on one side of a large section of which little differs', async () => {
  const { begin, first: _, ...others } = bodies;
  const renamed = { begin: begin.replace('first', 'fresh'), fresh: 'mov $9, %eax', ...others };
  const found = await compare(program(bodies), program(renamed));
  const text = found.children.find(({ path }) => path === '.text');
  expect(text?.detail).toBe('functions: 0 differ, 2 only on one side, the rest of the section is equal');
});
