import { z } from 'zod';
import type { RetryPolicy } from '../store/results/types.ts';
import { described, measured, whole } from './setting-kinds.ts';
import { parseDuration } from './units.ts';

const DEFAULT_LISTEN = '127.0.0.1:8484';
const DAY_SECONDS = 86_400;
const HOUR_SECONDS = 3600;

const file = z.string().min(1).max(4096);
const yesNo = z.union([z.boolean(), z.enum(['true', 'false']).transform((text) => text === 'true')]);
const place = z.string().regex(/^(?:\[[0-9a-fA-F:.]+\]|[A-Za-z0-9.-]+):\d{1,5}$/);
const networks = z
  .union([z.array(z.string()), z.string().transform((text) => text.split(/[\s,]+/).filter((word) => word !== ''))])
  .pipe(z.array(z.string().regex(/^[0-9a-fA-F.:]+(?:\/\d{1,3})?$/)).max(64));

/** The settings of `reproof serve`. */
export const SERVE_SETTINGS = {
  'serve.listen': described(place, {
    allowed: 'HOST:PORT, such as 127.0.0.1:8484 or [::]:8484',
    fallback: DEFAULT_LISTEN,
    about: 'where the service listens; port 0 takes one that is free',
  }),
  'serve.workers': described(whole(0, 1024), {
    allowed: 'a whole number from 0 to 1024',
    fallback: '1',
    about: 'how many builds run at once in the service itself',
  }),
  'serve.base-path': described(z.string().regex(/^(?:\/[A-Za-z0-9._~-]+)*\/?$/), {
    allowed: 'a path such as /amd64',
    fallback: 'none',
    about: 'the path that all addresses of the service begin with',
  }),
  'serve.public-url': described(z.url({ protocol: /^https?$/ }), {
    allowed: 'an http or https address',
    fallback: 'what each request says',
    about: 'the address people reach the base path at; feeds name it',
  }),
  'serve.tls-cert': described(file, {
    allowed: 'the path of a file',
    fallback: 'none: plain HTTP',
    about: 'the certificate chain, in PEM',
  }),
  'serve.tls-key': described(file, {
    allowed: 'the path of a file',
    fallback: 'none: plain HTTP',
    about: "the certificate's key, in PEM",
  }),
  'serve.public-reading': described(yesNo, {
    allowed: 'true or false',
    fallback: 'true',
    about: 'whether everybody may read; else reading needs a token',
  }),
  'serve.trusted-proxies': described(networks, {
    allowed: 'a list of addresses or networks',
    fallback: 'none',
    about: 'proxies whose X-Forwarded-For is believed',
  }),
  'serve.signup-file': described(file, {
    allowed: 'the path of a file',
    fallback: "none: only an administrator's token lets workers in",
    about: 'a file whose first line is the secret that lets workers of other machines in',
  }),
  'serve.rate-limit': described(whole(0, 10_000_000), {
    allowed: 'a whole number from 0 to 10000000',
    fallback: '12000',
    about: 'requests of one address in a minute; 0: no limit',
  }),
  'serve.session': described(measured(parseDuration, 60), {
    allowed: 'a duration such as 8h, of 1 min or more',
    fallback: '8h',
    about: 'how long somebody who signed in in a browser stays so',
  }),
  'serve.grace': described(measured(parseDuration, 0), {
    allowed: 'a duration such as 30s',
    fallback: '30s',
    about: 'how long builds may go on when the service stops, before they are handed back',
  }),
  'serve.reverify-after': described(measured(parseDuration, DAY_SECONDS), {
    allowed: 'a duration of 1d or more',
    fallback: '90d',
    about: 'how old a verdict has to be to be looked at again',
  }),
  'serve.reverify-per-day': described(whole(0, 1_000_000), {
    allowed: 'a whole number from 0 to 1000000',
    fallback: '100',
    about: 'how many old verdicts are looked at again in a day; 0: none',
  }),
  'serve.retry-after': described(measured(parseDuration, 60), {
    allowed: 'a duration such as 24h, of 1 min or more',
    fallback: '24h',
    about: 'how long after a build that did not come out as published it is tried again; doubled with each in a row',
  }),
  'serve.retry-build-failures': described(whole(0, 1000), {
    allowed: 'a whole number from 0 to 1000',
    fallback: '5',
    about: 'how often in a row a build that failed is tried again; 0: never',
  }),
  'serve.retry-our-failures': described(whole(0, 1000), {
    allowed: 'a whole number from 0 to 1000',
    fallback: '12',
    about: 'the same of builds that say nothing of the package: this machine, a source or an environment failed',
  }),
  'serve.retry-differing': described(whole(0, 1000), {
    allowed: 'a whole number from 0 to 1000',
    fallback: '5',
    about: 'the same of builds whose files differed',
  }),
  'serve.own-network-webhooks': described(yesNo, {
    allowed: 'true or false',
    fallback: 'false',
    about: 'whether webhooks may be addresses of this machine or its own network',
  }),
} as const;

/** The level `serve` of a settings file. */
export const serveSchema = z.strictObject({
  listen: SERVE_SETTINGS['serve.listen'].schema.default(DEFAULT_LISTEN),
  workers: SERVE_SETTINGS['serve.workers'].schema.default(1),
  'base-path': SERVE_SETTINGS['serve.base-path'].schema.default(''),
  'public-url': SERVE_SETTINGS['serve.public-url'].schema.optional(),
  'tls-cert': SERVE_SETTINGS['serve.tls-cert'].schema.optional(),
  'tls-key': SERVE_SETTINGS['serve.tls-key'].schema.optional(),
  'public-reading': SERVE_SETTINGS['serve.public-reading'].schema.default(true),
  'trusted-proxies': SERVE_SETTINGS['serve.trusted-proxies'].schema.default([]),
  'signup-file': SERVE_SETTINGS['serve.signup-file'].schema.optional(),
  'rate-limit': SERVE_SETTINGS['serve.rate-limit'].schema.default(12_000),
  session: SERVE_SETTINGS['serve.session'].schema.default(8 * HOUR_SECONDS),
  grace: SERVE_SETTINGS['serve.grace'].schema.default(30),
  'reverify-after': SERVE_SETTINGS['serve.reverify-after'].schema.default(90 * DAY_SECONDS),
  'reverify-per-day': SERVE_SETTINGS['serve.reverify-per-day'].schema.default(100),
  'retry-after': SERVE_SETTINGS['serve.retry-after'].schema.default(DAY_SECONDS),
  'retry-build-failures': SERVE_SETTINGS['serve.retry-build-failures'].schema.default(5),
  'retry-our-failures': SERVE_SETTINGS['serve.retry-our-failures'].schema.default(12),
  'retry-differing': SERVE_SETTINGS['serve.retry-differing'].schema.default(5),
  'own-network-webhooks': SERVE_SETTINGS['serve.own-network-webhooks'].schema.default(false),
});

/** How a service serves. `basePath` has no slash at its end, nor has `publicUrl`. */
export type ServeSettings = {
  readonly host: string;
  readonly port: number;
  readonly workers: number;
  readonly basePath: string;
  readonly publicUrl?: string;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly publicReading: boolean;
  readonly trustedProxies: readonly string[];
  /** A file whose first line is the signup secret. */
  readonly signupFile?: string;
  readonly requestsPerMinute: number;
  readonly sessionSeconds: number;
  readonly graceSeconds: number;
  readonly reverify?: { readonly afterDays: number; readonly perDay: number };
  readonly retry: RetryPolicy;
  readonly webhooksToOwnNetworks: boolean;
};

/** The level as it is used. */
export function serveSettings(serve: z.output<typeof serveSchema>): ServeSettings {
  const colon = serve.listen.lastIndexOf(':');
  const perDay = serve['reverify-per-day'];
  return {
    host: serve.listen.slice(0, colon).replace(/^\[|\]$/g, ''),
    port: Number(serve.listen.slice(colon + 1)),
    workers: serve.workers,
    basePath: serve['base-path'].replace(/\/$/, ''),
    ...(serve['public-url'] === undefined ? {} : { publicUrl: serve['public-url'].replace(/\/+$/, '') }),
    ...(serve['tls-cert'] === undefined ? {} : { tlsCert: serve['tls-cert'] }),
    ...(serve['tls-key'] === undefined ? {} : { tlsKey: serve['tls-key'] }),
    publicReading: serve['public-reading'],
    trustedProxies: serve['trusted-proxies'],
    ...(serve['signup-file'] === undefined ? {} : { signupFile: serve['signup-file'] }),
    requestsPerMinute: serve['rate-limit'],
    sessionSeconds: serve.session,
    graceSeconds: serve.grace,
    ...(perDay === 0 ? {} : { reverify: { afterDays: serve['reverify-after'] / DAY_SECONDS, perDay } }),
    retry: {
      baseHours: serve['retry-after'] / HOUR_SECONDS,
      limits: {
        buildFailures: serve['retry-build-failures'],
        ourFailures: serve['retry-our-failures'],
        differing: serve['retry-differing'],
      },
    },
    webhooksToOwnNetworks: serve['own-network-webhooks'],
  };
}
