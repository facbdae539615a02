/**
 * Lets so many go on in each turn of the event loop, in the order they came. What answers at once (a socket that takes
 * all it is given) goes on without a turn of the loop, and thousands of such would let nobody else have one.
 */
export function openTurns(perTurn: number): () => Promise<void> {
  const waiting: (() => void)[] = [];
  const goOn = (): void => {
    for (const resolve of waiting.splice(0, perTurn)) resolve();
    if (waiting.length > 0) setImmediate(goOn);
  };
  return () =>
    new Promise((resolve) => {
      waiting.push(resolve);
      if (waiting.length === 1) setImmediate(goOn);
    });
}
