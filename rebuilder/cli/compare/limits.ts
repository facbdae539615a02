import { InvalidArgumentError } from 'commander';
import type { CompareLimits } from '../../../compare/index.ts';
import { parseSize } from '../units.ts';
import { type CompareCommandOptions, parseDepth } from './options.ts';

export type LimitName = keyof CompareLimits;

/**
 * What each limit holds back, and what it usually is: DEFAULT_COMPARE_LIMITS, which is not loaded only to show help.
 */
export const LIMIT_TEXTS: Readonly<Record<LimitName, readonly [text: string, usual: string]>> = {
  bytes: ['bytes read and unpacked, all passes together', '64 GiB'],
  members: ['members listed, both sides together', '1000000'],
  listedBytes: ['bytes of memory for what is known of listed members', '320 MiB'],
  nodes: ['nodes of the tree', '100000'],
  depth: ['archives inside each other (--max-container-depth)', '32'],
  heldBytes: ['bytes of members held in memory at a time', '32 MiB'],
  textBytes: ['bytes of a text that is compared line by line', '8 MiB'],
  diffBytes: ['bytes of lines at one node', '256 KiB'],
  reportBytes: ['bytes of lines in all (--max-report-size)', '40 MiB'],
  programSeconds: ['seconds of one run of another program', '1800'],
  programBytes: ['bytes that one run may print', '64 MiB'],
  programRuns: ['runs of other programs', '500'],
  programMemoryBytes: ['bytes of memory of one run', '2 GiB'],
  copyBytes: ['bytes of one copy written to disk', '4 GiB'],
  diffoscopeRuns: ['members that --with diffoscope asks of', '20'],
  contextLines: ['equal lines around a change (--diff-context)', '3'],
};

/** Limits where 0 is a value of its own; of the others it means none. */
const FROM_ZERO: ReadonlySet<LimitName> = new Set(['depth', 'contextLines', 'programRuns', 'diffoscopeRuns']);
/** More than any of them can reach, and still exact. */
const NONE = 2 ** 50;

/** Reads NAME=VALUE and adds it to what was read before. Sizes may be as 40M; 0 is no limit. */
export function parseLimit(text: string, before: Partial<CompareLimits> = {}): Partial<CompareLimits> {
  const [, name = '', value = ''] = /^([a-zA-Z]+)=(.*)$/.exec(text) ?? [];
  if (!isLimitName(name))
    throw new InvalidArgumentError(`It has to be NAME=VALUE with one of ${Object.keys(LIMIT_TEXTS).join(', ')}.`);
  const number = name.endsWith('ytes') ? parseSize(value) : /^\d{1,15}$/.test(value) ? Number(value) : undefined;
  if (number === undefined)
    throw new InvalidArgumentError(
      name.endsWith('ytes') ? 'It has to be a size, such as 40M, or 0 for no limit.' : 'It has to be a whole number.',
    );
  if (name === 'depth') parseDepth(value);
  return { ...before, [name]: number === 0 && !FROM_ZERO.has(name) ? NONE : number };
}

/** What the options make of the limits: those with a name of their own count as --limit does. */
export function limitsOf(options: Omit<CompareCommandOptions, 'json'>): Partial<CompareLimits> {
  const { maxContainerDepth, maxReportSize, diffContext, limit = {} } = options;
  return {
    ...(maxContainerDepth === undefined ? {} : { depth: maxContainerDepth }),
    ...(maxReportSize === undefined ? {} : { reportBytes: maxReportSize === 0 ? NONE : maxReportSize }),
    ...(diffContext === undefined ? {} : { contextLines: diffContext }),
    ...limit,
  };
}

/** A line of help for each limit. */
export function limitsHelp(): string {
  return Object.entries(LIMIT_TEXTS)
    .map(([name, [text, usual]]) => `  ${name.padEnd(20)}${text} (${usual})`)
    .join('\n');
}

function isLimitName(name: string): name is LimitName {
  return Object.hasOwn(LIMIT_TEXTS, name);
}
