import { rangeSource } from '../../byte-source.ts';
import { identical } from '../../identity.ts';
import { namedPairs } from '../../named-pairs.ts';
import type { Sectioned } from '../../section-parts.ts';
import type { Explanation } from '../../types.ts';

/** More sections of code than a program has are not asked one by one. */
const ASKED = 64;

/** Gives the reason where sections of code that both sides have do not hold the same. */
export async function* codeChange(left: Sectioned, right: Sectioned): AsyncGenerator<Explanation> {
  const { pairs } = namedPairs(left.sections, right.sections, ({ name }) => name);
  for (const { left: old, right: now } of pairs.slice(0, ASKED)) {
    if (old === undefined || now === undefined) continue;
    if (await identical(rangeSource(left.source, old), rangeSource(right.source, now))) continue;
    // Neither instructions nor what they refer to are read here.
    const evidence = 'sections of code differ: instructions, addresses in them, or data among them';
    yield { kind: 'reason', reason: { kind: 'code', evidence } };
    return;
  }
}
