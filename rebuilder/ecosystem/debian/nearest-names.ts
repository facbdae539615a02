/** The longest name that is compared letter by letter. */
const MAX_COMPARED_LENGTH = 64;

/**
 * Letters to change, add, leave out or swap with their neighbour to make one name the other; more than `most` gives
 * most + 1. (Optimal string alignment distance.) Time is at most length times (2 most + 1).
 */
function editDistance(left: string, right: string, most: number): number {
  const tooFar = most + 1;
  if (Math.abs(left.length - right.length) > most) return tooFar;
  let before: number[] = [];
  let above = Array.from({ length: right.length + 1 }, (_, column) => (column <= most ? column : tooFar));
  for (let row = 1; row <= left.length; row += 1) {
    const line = new Array<number>(right.length + 1).fill(tooFar);
    if (row <= most) line[0] = row;
    let least = line[0] ?? tooFar;
    const last = Math.min(right.length, row + most);
    for (let column = Math.max(1, row - most); column <= last; column += 1) {
      const isSame = left[row - 1] === right[column - 1];
      let distance = Math.min(
        (above[column - 1] ?? tooFar) + (isSame ? 0 : 1),
        (above[column] ?? tooFar) + 1,
        (line[column - 1] ?? tooFar) + 1,
      );
      const isSwap =
        row > 1 && column > 1 && left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1];
      if (isSwap) distance = Math.min(distance, (before[column - 2] ?? tooFar) + 1);
      line[column] = Math.min(distance, tooFar);
      least = Math.min(least, distance);
    }
    if (least > most) return tooFar;
    before = above;
    above = line;
  }
  return above[right.length] ?? tooFar;
}

type Rank = readonly [kind: number, distance: number];

/** How near a name is; undefined when it is not. */
function rank(wanted: string, name: string, most: number): Rank | undefined {
  const isComparable = Math.max(wanted.length, name.length) <= MAX_COMPARED_LENGTH;
  const distance = isComparable ? editDistance(wanted, name, most) : most + 1;
  const difference = Math.abs(name.length - wanted.length);
  if (distance <= 1) return [0, distance];
  if (name.startsWith(wanted)) return [1, difference];
  if (distance <= most) return [2, distance];
  const [shorter, longer] = name.length < wanted.length ? [name, wanted] : [wanted, name];
  // A short name is part of hundreds that have nothing to do with it.
  const isLargePart = shorter.length > 2 && shorter.length * 4 >= longer.length;
  return isLargePart && longer.includes(shorter) ? [3, difference] : undefined;
}

/**
 * The few names nearest to one that is not there, nearest first; at most `count`. Names one slip of the keyboard away
 * come first, then names that begin with the wanted one, then those two or three slips away, then names that hold it or
 * are held by it. Equally near ones are sorted, so that the order of `names` does not matter. Letters' case is passed over.
 */
export function nearestNames(wanted: string, names: Iterable<string>, count: number): readonly string[] {
  const lower = wanted.toLowerCase().slice(0, 255);
  const most = lower.length <= 3 ? 1 : lower.length <= 8 ? 2 : 3;
  const ranked: { name: string; rank: Rank }[] = [];
  for (const name of new Set(names)) {
    const near = lower === '' ? undefined : rank(lower, name.toLowerCase(), most);
    if (near !== undefined) ranked.push({ name, rank: near });
  }
  ranked.sort((left, right) => {
    const [leftKind, leftDistance] = left.rank;
    const [rightKind, rightDistance] = right.rank;
    return leftKind - rightKind || leftDistance - rightDistance || (left.name < right.name ? -1 : 1);
  });
  return ranked.slice(0, count).map(({ name }) => name);
}
