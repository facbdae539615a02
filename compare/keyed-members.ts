import type { Archive } from './member-lister.ts';
import type { ContainerFact, Member } from './types.ts';

/** All of a container again, members under the keys that they were listed by. */
export async function* keyedMembers({
  comparator,
  source,
  context,
}: Archive): AsyncGenerator<{ readonly key: string; readonly member: Member } | ContainerFact> {
  const seen = new Map<string, number>();
  for await (const each of comparator.members(source, context)) {
    if ('fact' in each) {
      yield each;
      continue;
    }
    const count = (seen.get(each.pairAs) ?? 0) + 1;
    seen.set(each.pairAs, count);
    yield { key: `${count}/${each.pairAs}`, member: each };
  }
}

export function unpacked(member: Member): AsyncIterable<Uint8Array> {
  return member.unpack?.(member.content) ?? member.content;
}
