/** A stretch of both sequences still to be compared: from inclusive, to exclusive. */
export type Stretch = {
  readonly leftFrom: number;
  readonly leftTo: number;
  readonly rightFrom: number;
  readonly rightTo: number;
};

/** Edits looked for before a stretch is split where the search has come furthest. */
export const EDIT_LIMIT = 256;

/** Positions of diagonals that no path within the stretch has reached. */
const UNREACHED = { ahead: -(2 ** 30), back: 2 ** 30 } as const;
const CENTRE = EDIT_LIMIT + 2;

/** What the search may still cost, in steps; below zero it is given up. Shared by all splits of one comparison. */
export type Work = { left: number };

export type Split = { readonly left: number; readonly right: number };

/**
 * Finds a point that a shortest edit script of the stretch passes through, by searching from both ends at once (Myers,
 * An O(ND) Difference Algorithm, 1986, section 4b). After EDIT_LIMIT edits from either end the furthest point reached
 * is taken instead. Undefined when the work is used up. Neither side of the stretch may be empty.
 */
export class MiddleFinder {
  /** One that stays: see let-go.ts. */
  static readonly lasting = new MiddleFinder(new Int32Array(0), new Int32Array(0), { left: 0 });

  readonly #left: Int32Array;
  readonly #right: Int32Array;
  readonly #work: Work;
  /** Furthest position in the left sequence by diagonal, counted from the stretch's first and last one. */
  readonly #ahead = new Int32Array(2 * CENTRE + 1);
  readonly #back = new Int32Array(2 * CENTRE + 1);

  constructor(left: Int32Array, right: Int32Array, work: Work) {
    this.#left = left;
    this.#right = right;
    this.#work = work;
  }

  find(stretch: Stretch): Split | undefined {
    const { leftFrom, leftTo, rightFrom, rightTo } = stretch;
    /** The diagonal of the last corner, counted from that of the first. */
    const shift = leftTo - leftFrom - (rightTo - rightFrom);
    const odd = (shift & 1) !== 0;
    this.#ahead.fill(UNREACHED.ahead);
    this.#back.fill(UNREACHED.back);
    this.#ahead[CENTRE + 1] = leftFrom;
    this.#back[CENTRE - 1] = leftTo;
    for (let edits = 0; edits <= EDIT_LIMIT; edits++) {
      const met =
        this.#stepAhead(stretch, edits, odd ? shift : undefined) ??
        this.#stepBack(stretch, edits, odd ? undefined : shift);
      if (met !== undefined) return met;
      if (this.#work.left < 0) return undefined;
    }
    return this.#furthest(stretch);
  }

  /** One more edit from the first corner; `shift` where the searches may meet in this step. */
  #stepAhead(
    { leftFrom, leftTo, rightFrom, rightTo }: Stretch,
    edits: number,
    shift: number | undefined,
  ): Split | undefined {
    const ahead = this.#ahead;
    for (let diagonal = -edits; diagonal <= edits; diagonal += 2) {
      const below = ahead[CENTRE + diagonal - 1] as number;
      const above = ahead[CENTRE + diagonal + 1] as number;
      let left = diagonal === -edits || (diagonal !== edits && below < above) ? above : below + 1;
      let right = rightFrom + (left - leftFrom) - diagonal;
      const start = left;
      this.#work.left--;
      if (left < leftFrom || left > leftTo || right > rightTo) {
        ahead[CENTRE + diagonal] = UNREACHED.ahead;
        continue;
      }
      while (left < leftTo && right < rightTo && this.#left[left] === this.#right[right]) {
        left++;
        right++;
      }
      this.#work.left -= left - start;
      ahead[CENTRE + diagonal] = left;
      if (shift === undefined) continue;
      const opposite = diagonal - shift;
      if (Math.abs(opposite) <= edits - 1 && (this.#back[CENTRE + opposite] as number) <= left) return { left, right };
    }
    return undefined;
  }

  /** One more edit from the last corner; diagonals are counted from that corner. */
  #stepBack(
    { leftFrom, leftTo, rightFrom, rightTo }: Stretch,
    edits: number,
    shift: number | undefined,
  ): Split | undefined {
    const back = this.#back;
    for (let diagonal = -edits; diagonal <= edits; diagonal += 2) {
      const below = back[CENTRE + diagonal - 1] as number;
      const above = back[CENTRE + diagonal + 1] as number;
      let left = diagonal === edits || (diagonal !== -edits && below < above) ? below : above - 1;
      let right = rightTo - (leftTo - left) - diagonal;
      const start = left;
      this.#work.left--;
      if (left > leftTo || left < leftFrom || right < rightFrom) {
        back[CENTRE + diagonal] = UNREACHED.back;
        continue;
      }
      while (left > leftFrom && right > rightFrom && this.#left[left - 1] === this.#right[right - 1]) {
        left--;
        right--;
      }
      this.#work.left -= start - left;
      back[CENTRE + diagonal] = left;
      if (shift === undefined) continue;
      const opposite = diagonal + shift;
      if (Math.abs(opposite) <= edits && (this.#ahead[CENTRE + opposite] as number) >= left) return { left, right };
    }
    return undefined;
  }

  #furthest({ leftFrom, leftTo, rightFrom, rightTo }: Stretch): Split {
    let best = { left: leftFrom, right: rightFrom, gained: 0 };
    const take = (left: number, right: number, gained: number): void => {
      if (left < leftFrom || left > leftTo || right < rightFrom || right > rightTo) return;
      if (gained > best.gained) best = { left, right, gained };
    };
    for (let diagonal = -EDIT_LIMIT; diagonal <= EDIT_LIMIT; diagonal += 2) {
      const ahead = this.#ahead[CENTRE + diagonal] as number;
      const aheadRight = rightFrom + (ahead - leftFrom) - diagonal;
      take(ahead, aheadRight, ahead - leftFrom + aheadRight - rightFrom);
      const back = this.#back[CENTRE + diagonal] as number;
      const backRight = rightTo - (leftTo - back) - diagonal;
      take(back, backRight, leftTo - back + rightTo - backRight);
    }
    return { left: best.left, right: best.right };
  }
}
