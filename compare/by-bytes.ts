/** By code unit: the same in any locale, whichever side is left. */
export function byBytes(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
