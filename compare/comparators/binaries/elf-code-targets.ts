/** What two addresses in code stand for: the same, texts that differ, or something else. */
export type Targets = 'same' | 'texts' | 'targets';

/** What is to be said of both: what differs more. */
export function either(one: Targets, other: Targets): Targets {
  return one === 'same' || other === 'targets' ? other : one;
}
