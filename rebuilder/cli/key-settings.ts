import { z } from 'zod';
import type { KeysOptions } from '../../attest/index.ts';
import { described } from './setting-kinds.ts';

const file = z.string().min(1).max(4096);

/** The settings of the keys that statements and the log are signed with. */
export const KEY_SETTINGS = {
  'keys.statement': described(file, {
    allowed: 'the path of a file',
    fallback: 'one in the data folder, made on first use',
    about: 'the key that statements are signed with: ECDSA P-256, PKCS#8 in PEM',
  }),
  'keys.log': described(file, {
    allowed: 'the path of a file',
    fallback: 'one in the data folder, made on first use',
    about: 'the key that the log is signed with: Ed25519, PKCS#8 in PEM',
  }),
  'keys.passphrase-file': described(file, {
    allowed: 'the path of a file',
    fallback: 'none: keys are not encrypted',
    about: 'a file whose first line opens both keys; those that are made are encrypted with it',
  }),
} as const;

export const keysSchema = z.strictObject({
  statement: KEY_SETTINGS['keys.statement'].schema.optional(),
  log: KEY_SETTINGS['keys.log'].schema.optional(),
  'passphrase-file': KEY_SETTINGS['keys.passphrase-file'].schema.optional(),
});

/** Where keys and what opens them come from. Secrets are in it: it is shown nowhere. */
export type KeySettings = Pick<KeysOptions, 'given' | 'passphrase'>;

/** Variables that hold a secret itself, and not its place. They stand in no settings file. */
export const KEY_VARIABLES = {
  statement: 'REPROOF_KEYS_STATEMENT_PEM',
  log: 'REPROOF_KEYS_LOG_PEM',
  passphrase: 'REPROOF_KEYS_PASSPHRASE',
} as const;

/** The settings of keys, a variable's secret before a file's. An empty variable counts as not set. */
export function keySettings(
  parsed: z.infer<typeof keysSchema>,
  environment: Readonly<Record<string, string | undefined>>,
): KeySettings {
  const given = (use: 'statement' | 'log') => {
    const pem = environment[KEY_VARIABLES[use]] || undefined;
    if (pem !== undefined) return { [use]: { kind: 'text', pem, named: KEY_VARIABLES[use] } as const };
    const place = parsed[use];
    return place === undefined ? {} : { [use]: { kind: 'file', file: place } as const };
  };
  const text = environment[KEY_VARIABLES.passphrase] || undefined;
  const place = parsed['passphrase-file'];
  return {
    given: { ...given('statement'), ...given('log') },
    ...(text !== undefined
      ? { passphrase: { kind: 'text', text } }
      : place !== undefined
        ? { passphrase: { kind: 'file', file: place } }
        : {}),
  };
}
