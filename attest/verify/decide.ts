import type { ErrorCode } from '../../model/index.ts';
import type { Answer, RefusedEvidence, Rule, Voice } from './answer.ts';
import type { Policy } from './policy/policy.ts';

/** All that was found, as it is decided upon. */
export type Findings = {
  readonly file: Answer['file'];
  readonly policy: Policy;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly voices: readonly Voice[];
  readonly refused: readonly RefusedEvidence[];
  /** Two signed checkpoints of one log that cannot both be true. */
  readonly forks: readonly string[];
  readonly passedOver: number;
};

type Failure = { readonly rule: Rule; readonly code: ErrorCode; readonly sentence: string };

/** The one function that says whether a policy holds. */
export function decide(findings: Findings): Answer {
  const { file, policy, voices } = findings;
  const contradicting = contradictions(credible(voices));
  const agreeing = operatorsOf(
    voices.filter((voice) => voice.says === 'agrees' && voice.discounted === undefined),
  ).filter((operator) => !contradicting.includes(operator));
  const failed = failureOf(findings, { agreeing, contradicting });
  return {
    schema: 'reproof-answer/1',
    holds: failed === undefined,
    ...(failed === undefined ? {} : { failed: { rule: failed.rule, code: failed.code } }),
    sentence: failed?.sentence ?? held(findings, agreeing, contradicting),
    file,
    policy: { name: policy.name, sha256: policy.digest, ...(policy.uri === undefined ? {} : { uri: policy.uri }) },
    at: new Date(findings.at).toISOString(),
    asked: { agree: policy.agree, operators: policy.operators },
    agreeing,
    reproducedIndependently:
      failed === undefined && operatorsOf(voices.filter((voice) => countsAsReproduced(voice, agreeing))).length >= 2,
    voices,
    refused: findings.refused,
    passedOver: findings.passedOver,
  };
}

/** Same bytes, and what they were made from: what SLSA asks for (verified properties, SLSA_BUILD_REPRODUCED). */
function countsAsReproduced(voice: Voice, agreeing: readonly string[]): boolean {
  return (
    voice.says === 'agrees' &&
    voice.discounted === undefined &&
    voice.word === 'reproducible' &&
    voice.provenance &&
    agreeing.includes(voice.operator)
  );
}

function failureOf(
  findings: Findings,
  { agreeing, contradicting }: { readonly agreeing: readonly string[]; readonly contradicting: readonly string[] },
): Failure | undefined {
  const { file, policy, voices, refused, forks } = findings;
  const [broken] = refused;
  if (broken !== undefined)
    return {
      rule: 'evidence is sound',
      code: broken.code,
      sentence: `Refused: ${broken.place} is not sound: ${broken.message}.`,
    };
  const [fork] = forks;
  if (fork !== undefined) return { rule: 'logs are whole', code: 'LOG_FORKED', sentence: `ALARM: ${fork}.` };
  if (policy.disagreement === 'refuse' && contradicting.length > 0)
    return {
      rule: 'nobody contradicts',
      code: 'POLICY_CONTRADICTION',
      sentence: `CONTRADICTION: ${list(contradicting)} signed both that ${file.name} can be reproduced and that it cannot.`,
    };
  const against = contrary(voices);
  if (policy.disagreement === 'refuse' && against.length > 0)
    return {
      rule: 'nobody disagrees',
      code: 'POLICY_DISAGREEMENT',
      sentence: `DISAGREEMENT: ${list(against)} ${against.length === 1 ? 'says' : 'say'} that ${file.name} is not what its source gives${agreeing.length > 0 ? `, and ${list(agreeing)} that it is` : ''}.`,
    };
  if (agreeing.length >= policy.agree) return undefined;
  const lost = voices.find((voice) => voice.says === 'agrees' && voice.discounted !== undefined);
  return {
    rule: 'enough operators agree',
    code: lost?.discounted?.code ?? 'POLICY_TOO_FEW',
    sentence: `Not enough: ${agreeing.length} of ${policy.operators} operators agree about ${file.name}, and the policy asks for ${policy.agree}${
      lost?.discounted === undefined ? '' : `; what ${lost.rebuilder} says does not count: ${lost.discounted.why}`
    }.`,
  };
}

function held(findings: Findings, agreeing: readonly string[], contradicting: readonly string[]): string {
  const { file, policy, voices } = findings;
  const against = contrary(voices);
  const others = [...new Set([...against, ...contradicting])];
  const beside = others.length === 0 ? '' : ` BUT ${list(others)} signed otherwise, which this policy only reports.`;
  return `Holds: ${agreeing.length} of ${policy.operators} operators rebuilt ${file.name} and agree (${agreeing.join(', ')}); the policy asks for ${policy.agree}.${beside}`;
}

/** Operators that signed both, or two words about one rebuild: whatever the age of either. */
function contradictions(voices: readonly Voice[]): readonly string[] {
  return operatorsOf(voices).filter((operator) => {
    const own = voices.filter((voice) => voice.operator === operator);
    const said = new Set(own.map(({ says }) => says));
    if (said.has('agrees') && said.has('is against')) return true;
    const words = new Map<string, string>();
    return own.some(({ rebuilder, rebuild, word }) => {
      if (rebuild === undefined) return false;
      const key = `${rebuilder}\n${rebuild}`;
      const earlier = words.get(key);
      words.set(key, word);
      return earlier !== undefined && earlier !== word;
    });
  });
}

/** Old words and words in no log are words all the same. What a key signed when it was nobody's is none. */
function credible(voices: readonly Voice[]): readonly Voice[] {
  return voices.filter(({ discounted }) => discounted?.code !== 'POLICY_KEY_NOT_VALID');
}

function contrary(voices: readonly Voice[]): readonly string[] {
  return operatorsOf(credible(voices).filter(({ says }) => says === 'is against'));
}

function operatorsOf(voices: readonly Voice[]): readonly string[] {
  return [...new Set(voices.map(({ operator }) => operator))].sort();
}

function list(names: readonly string[]): string {
  return names.join(' and ');
}
