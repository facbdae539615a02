/**
 * True when the whole of `text` is what `pattern` says: `*` stands for any number of characters, `?` for one, everything
 * else for itself. Takes at most the product of both lengths; nothing is compiled to a regular expression, which some
 * patterns would make endless.
 */
export function matchesGlob(pattern: string, text: string): boolean {
  let [p, t] = [0, 0];
  /** The last star, and where what it stands for ends so far. */
  let [star, held] = [-1, 0];
  while (t < text.length) {
    if (pattern[p] === '*') {
      star = p++;
      held = t;
    } else if (p < pattern.length && (pattern[p] === '?' || pattern[p] === text[t])) {
      p++;
      t++;
    } else if (star !== -1) {
      p = star + 1;
      t = ++held;
    } else return false;
  }
  while (pattern[p] === '*') p++;
  return p === pattern.length;
}
