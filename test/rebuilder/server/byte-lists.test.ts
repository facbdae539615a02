import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ByteLists } from '../../../rebuilder/server/byte-lists.ts';

/** JSON read in chunks of so many bytes, with lists of bytes as bytes. */
async function read(text: string, size: number) {
  const bytes = Buffer.from(text);
  const lists = new ByteLists();
  const chunks = async function* () {
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
  };
  const rest = Buffer.concat(await Array.fromAsync(lists.takeFrom(chunks()))).toString('utf8');
  return { rest, lists, value: () => JSON.parse(rest, lists.restore) as unknown };
}

/** The same by JSON.parse alone. */
function expected(value: unknown): unknown {
  if (Array.isArray(value)) {
    const isBytes = value.length > 0 && value.every((one) => Number.isInteger(one) && one >= 0 && one <= 255);
    return isBytes && !value.some((one) => Object.is(one, -0)) ? Buffer.from(value) : value.map(expected);
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, expected(one)]));
}

it.each([1, 7, 1_000_000])('takes lists of bytes out of JSON in chunks of %i, and leaves the rest', async (size) => {
  for (const text of [
    '{"log":[40,181,47,253],"files":[{"name":"a","diff":[0]}],"none":[],"text":"[1,2]"}',
    '[ 1 , 2 ,\n3 ]',
    '[[1],[2,[3]],[256],[1,2,-3],[1.5],[1e3],["1"],[null],[1,"]"],[true,[255]]]',
    '"\\"[1,2]"',
    '[]',
    '[[]]',
    '{"a":"\\\\","b":[1]}',
  ]) {
    const { value } = await read(text, size);
    expect(value(), text).toEqual(expected(JSON.parse(text)));
  }
});

it.each(['[1,]', '[1 2]', '[01]', '[,1]', '[1', '[1,2', '[-1', '[1,,2]', '{"a":[00]}', '[1}', '[1,2]]'])(
  'makes no JSON of %s',
  async (text) => {
    for (const size of [1, 100]) {
      const { value } = await read(text, size);
      expect(value).toThrow(SyntaxError);
    }
  },
);

it('gives any JSON as JSON.parse does', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.json({ noUnicodeString: false } as never),
      fc.integer({ min: 1, max: 9 }),
      async (text, size) => {
        const { value } = await read(text, size);
        expect(value()).toEqual(expected(JSON.parse(text)));
      },
    ),
    { numRuns: 300 },
  );
});

it('holds a byte for each byte', async () => {
  const { lists, rest } = await read(
    `{"log":[${Array.from({ length: 100_000 }, (_, at) => at % 256).join(',')}]}`,
    65_536,
  );
  expect(lists.held).toBe(100_000);
  expect(rest.length).toBeLessThan(40);
});

it('lets nobody name a list that is not of the same body', async () => {
  const { value } = await read('[{"\\u0000":7},{"\\u0000":"x"},{"\\u0000":-1}]', 100);
  expect(value()).toEqual([{ '\0': 7 }, { '\0': 'x' }, { '\0': -1 }]);
});
