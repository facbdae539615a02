import { isReproofError } from '../model/index.ts';

// What is read of two sides is read of both, whatever the other gives: what is thrown must not hang on which is left.

/** Waits for both, also when one fails, so that nothing is left running. Of two failures throws the one of `leading`. */
export async function bothOf<Left, Right>(left: Promise<Left>, right: Promise<Right>): Promise<[Left, Right]> {
  const [one, other] = await Promise.allSettled([left, right]);
  if (one.status === 'rejected' && other.status === 'rejected') throw leading(one.reason, other.reason);
  if (one.status === 'rejected') throw one.reason;
  if (other.status === 'rejected') throw other.reason;
  return [one.value, other.value];
}

/** What `read` gives of either side, one after the other, where both at once would take too much memory. As `bothOf`. */
export async function inTurn<Side, Result>(
  left: Side,
  right: Side,
  read: (side: Side) => Promise<Result>,
): Promise<[Result, Result]> {
  const one = read(left);
  await one.catch(() => undefined);
  return bothOf(one, read(right));
}

/** What `read` gives of either side. Both are read, also when one fails: of two failures throws the one of `leading`. */
export function ofBoth<Side, Result>(left: Side, right: Side, read: (side: Side) => Result): [Result, Result] {
  const [one, other] = [tried(left, read), tried(right, read)];
  if ('failure' in one && 'failure' in other) throw leading(one.failure, other.failure);
  if ('failure' in one) throw one.failure;
  if ('failure' in other) throw other.failure;
  return [one.result, other.result];
}

type Tried<Result> = { readonly result: Result } | { readonly failure: unknown };

function tried<Side, Result>(side: Side, read: (side: Side) => Result): Tried<Result> {
  try {
    return { result: read(side) };
  } catch (failure) {
    return { failure };
  }
}

/** Of two failures the one that is told, whichever side it is of: what ends everything, else the first in order of text. */
function leading(one: unknown, other: unknown): unknown {
  const ends = (failure: unknown): boolean => !isReproofError(failure) || failure.code === 'INTERRUPTED';
  if (ends(one) !== ends(other)) return ends(one) ? one : other;
  const text = (failure: unknown): string =>
    isReproofError(failure) ? `${failure.code}: ${failure.message}` : `${failure}`;
  return text(one) <= text(other) ? one : other;
}
