import { bothOf } from '../../identity.ts';
import { type SameAddress, sameAddress, sectionFinder } from './elf-addresses.ts';
import type { ElfPair } from './elf-pair.ts';
import { textsOf } from './elf-read-only-texts.ts';
import { sameFunction } from './elf-same-function.ts';
import { readOnce } from './read-once.ts';

/** Compares what pointers refer to: of what no symbol tells apart the texts and the functions there do. Throws ELF_*. */
export const sameTarget = readOnce(readTargets);

async function readTargets(pair: ElfPair): Promise<SameAddress> {
  const same = await sameAddress(pair);
  const [left, right] = await bothOf(textsOf(pair.left), textsOf(pair.right));
  const functions = await sameFunction(pair);
  const find = sectionFinder(pair.left);
  return (old, now) => {
    const found = same(old, now);
    const name = found === true ? find(old)?.name : undefined;
    if (name === undefined || !pair.changed.has(name)) return found;
    if (functions(name, old, now) === false) return false;
    const [text, other] = [left.at(old), right.at(now)];
    if (text === other) return true;
    // A text of one side alone was changed where it stands, and is told there.
    return !((text !== undefined && right.has(text)) || (other !== undefined && left.has(other)));
  };
}
