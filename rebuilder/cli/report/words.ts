import type { BuildOutcome, RebuildAttempt, TargetRequest, Verdict } from '../../../model/index.ts';
import type { Style } from './layout.ts';

/** Seconds for people: 1.5 s, 4 min 02 s, 3 h 07 min. */
export function secondsWords(seconds: number): string {
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${two(whole % 60)} s`;
  const minutes = Math.round(seconds / 60);
  return `${Math.floor(minutes / 60)} h ${two(minutes % 60)} min`;
}

function two(count: number): string {
  return String(count).padStart(2, '0');
}

/** A count with its noun: 1 package, 2 packages. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** What was asked for, as a person would say it. */
export function requestWords(request: TargetRequest): string {
  const place = [
    request.suite === undefined ? '' : ` in ${request.suite}`,
    request.architecture === undefined ? '' : ` for ${request.architecture}`,
  ].join('');
  if (request.kind !== 'name') return `the .${request.kind} ${request.location}${place}`;
  return `${request.name}${request.version === undefined ? '' : ` ${request.version}`}${place}`;
}

/** How an attempt ended. */
export function outcomeWords(outcome: BuildOutcome): string {
  switch (outcome.kind) {
    case 'built':
      return 'built';
    case 'failed':
      return `failed: the ${outcome.phase} phase ended with status ${outcome.exitStatus}`;
    case 'exceeded':
      return `stopped by the ${outcome.limit} limit of ${limitWords(outcome)}`;
    case 'infrastructure':
      return `not carried out: ${outcome.code}: ${outcome.message}`;
    default:
      return outcome satisfies never;
  }
}

function limitWords({ limit, value }: Extract<BuildOutcome, { kind: 'exceeded' }>): string {
  switch (limit) {
    case 'wall-time':
      return secondsWords(value);
    case 'processes':
      return value === 1 ? '1 process' : `${value} processes`;
    case 'memory':
    case 'disk':
    case 'log':
      return counted(value, 'byte');
    default:
      return limit satisfies never;
  }
}

/** The verdict's word and its reason, such as "inconclusive (environment drift)". */
export function verdictWords(verdict: { readonly kind: string; readonly reason?: string | undefined }): string {
  return verdict.reason === undefined ? verdict.kind : `${verdict.kind} (${verdict.reason})`;
}

/** What each verdict looks like. An inconclusive one is no fault of the package. */
export const VERDICT_STYLES = {
  reproducible: 'green',
  unreproducible: 'red',
  'failed-to-build': 'red',
  inconclusive: 'yellow',
} as const satisfies Record<Verdict['kind'], Style>;

export const ATTEMPT_WORDS = {
  first: 'as planned',
  control: 'control',
} as const satisfies Record<RebuildAttempt['kind'], string>;
