import { z } from 'zod';
import { isReproofError } from '../../model/index.ts';
import type { ScheduledProfile } from '../sync/index.ts';
import { parseRule, type Rule } from '../sync/rules.ts';
import { parseDuration } from './units.ts';

const MINUTE = 60;

/** What each key of a profile has to be: ends the sentence "it has to be ...". */
export const PROFILE_KEYS: Readonly<Record<string, string>> = {
  distribution: 'debian',
  suites: "a list of suites' names, such as trixie",
  architectures: 'a list of architectures, such as amd64, all',
  components: "a list of components' names",
  installer: 'true or false',
  debug: 'true or false',
  every: 'a duration such as 6h, of 1m or more',
  delay: 'a duration such as 1h',
  'allow-expired-release': 'true or false',
  include:
    'a list of rules: a pattern of source names, FIELD:PATTERN, or a map of source, binary, maintainer, component',
  exclude:
    'a list of rules: a pattern of source names, FIELD:PATTERN, or a map of source, binary, maintainer, component',
};

const words = (pattern: RegExp) =>
  z
    .union([z.array(z.string()), z.string().transform((text) => text.split(/[\s,]+/).filter((word) => word !== ''))])
    .pipe(z.array(z.string().max(100).regex(pattern)).min(1).max(64));

const seconds = (least: number) =>
  z
    .union([z.number(), z.string()])
    .transform((value) => parseDuration(String(value)) ?? -1)
    .pipe(z.number().min(least));

const patterns = z
  .union([z.string().transform((text) => [text]), z.array(z.string())])
  .pipe(z.array(z.string().min(1).max(500)).min(1).max(1000));

const rule = z.union([
  z.string().transform((text, context): Rule => {
    try {
      return parseRule(text);
    } catch (error) {
      if (!isReproofError(error)) throw error;
      context.addIssue({ code: 'custom', message: error.message });
      return z.NEVER;
    }
  }),
  z
    .strictObject({
      source: patterns.optional(),
      binary: patterns.optional(),
      maintainer: patterns.optional(),
      component: patterns.optional(),
    })
    .refine((given) => Object.values(given).some((value) => value !== undefined))
    .transform((given): Rule => Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))),
]);

/** One profile under `sync:`, as docs/service.md describes it. */
export const profileSchema = z.strictObject({
  distribution: z.literal('debian').default('debian'),
  suites: words(/^[a-z][a-z0-9]*(?:[.+_-][a-z0-9]+)*$/),
  architectures: words(/^[a-z0-9][a-z0-9-]*$/).default(['amd64', 'all']),
  components: words(/^[a-z0-9][a-z0-9.-]*$/).default(['main']),
  installer: z.boolean().default(false),
  debug: z.boolean().default(false),
  every: seconds(MINUTE).default(6 * 3600),
  delay: seconds(0).default(0),
  'allow-expired-release': z.boolean().default(false),
  include: z.array(rule).max(1000).default([]),
  exclude: z.array(rule).max(1000).default([]),
});

export const PROFILE_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;

/** The profiles of a settings file, in its order. */
export const profilesSchema = z.record(z.string().regex(PROFILE_NAME), profileSchema).transform((profiles) =>
  Object.entries(profiles).map(
    ([name, { every, delay, 'allow-expired-release': allowExpired, ...given }]): ScheduledProfile => ({
      profile: { name, ...given, delaySeconds: delay, allowExpired },
      everySeconds: every,
    }),
  ),
);

/** Why a value under `sync` is refused, by its path. */
export function whyProfileIsRefused(path: readonly PropertyKey[], unknown: string | undefined): string {
  const keys = Object.keys(PROFILE_KEYS).join(', ');
  if (unknown !== undefined && path.length === 3) return `there is no such setting; there are ${keys}`;
  const [, name, key] = path;
  if (key !== undefined) return `it has to be ${PROFILE_KEYS[String(key)] ?? 'something else'}`;
  if (name !== undefined && !PROFILE_NAME.test(String(name)))
    return 'the name of a profile has to be of letters, digits, dots, hyphens and underscores';
  return name === undefined ? 'it has to be a map of profiles by name' : `it has to be a map of ${keys}`;
}
