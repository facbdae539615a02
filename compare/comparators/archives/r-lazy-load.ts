import { isRRecord, readRLazyLoad } from '../../../formats/index.ts';
import type { ContainerComparator, Member } from '../../types.ts';

/** R's databases of the functions and help pages of a package: their objects, which have no names, by their places. */
export const rLazyLoad: ContainerComparator = {
  kind: 'container',
  id: 'r-lazy-load',
  recognizes: (head, name) => name.endsWith('.rdb') && isRRecord(head),
  async *members(source, { budget }): AsyncGenerator<Member> {
    const limits = { members: budget.limits.members, objectBytes: budget.limits.heldBytes };
    let number = 0;
    for await (const content of readRLazyLoad(source.open(), limits)) {
      budget.spend('bytes', content.length);
      const name = `object ${++number}`;
      yield { name, pairAs: name, header: { size: String(content.length) }, content: once(content) };
    }
  },
};

async function* once(content: Buffer): AsyncGenerator<Uint8Array> {
  yield content;
}
