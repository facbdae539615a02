/**
 * A copy of what is told: as long as a piece of a text is there, V8 keeps all of the text. Of plain values, such as JSON
 * holds.
 */
export function ownTexts<Told>(told: Told): Told {
  return JSON.parse(JSON.stringify(told)) as Told;
}
