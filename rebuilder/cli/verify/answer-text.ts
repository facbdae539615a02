import type { Answer, Voice } from '../../../attest/verify/index.ts';
import { WAYS_OUT } from '../ways-out.ts';

/** An answer for people: its sentence, a line for each that was heard, and the way out where it fails. Not yet safe for a terminal. */
export function answerText(answer: Answer): readonly string[] {
  const way = answer.failed === undefined ? undefined : WAYS_OUT[answer.failed.code];
  return [
    answer.sentence,
    ...answer.voices.map(voiceLine),
    ...answer.refused.map(({ place, code, message }) => `  refused: ${place}: ${code}: ${message}`),
    ...(answer.passedOver > 0 ? [`  ${answer.passedOver} pieces are by others, or about other files`] : []),
    ...(way === undefined ? [] : [`  → ${way}`]),
  ];
}

function voiceLine({ rebuilder, operator, word, time, log, discounted, provenance }: Voice): string {
  const facts = [
    ...(time === undefined ? [] : [time]),
    ...(provenance ? ['with provenance'] : []),
    ...(log === undefined ? [] : [`entry ${log.index} of ${log.treeSize} in ${log.origin}`]),
    ...(log === undefined || log.witnesses.length === 0 ? [] : [`cosigned by ${log.witnesses.join(', ')}`]),
    ...(discounted === undefined ? [] : [`DOES NOT COUNT: ${discounted.why}`]),
  ];
  return `  ${rebuilder} (${operator}): ${word}${facts.length === 0 ? '' : `; ${facts.join('; ')}`}`;
}
