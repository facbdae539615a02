/** A line of the log that followers expect, by its number. */
export function textLine(number: number): string {
  return `${number} gcc -g -O2 -c -o obj/part${number}.o src/part${number}.c -ffile-prefix-map=/build=.`;
}
