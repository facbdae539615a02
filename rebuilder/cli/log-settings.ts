import { z } from 'zod';
import { described } from './setting-kinds.ts';

const witnessKeys = z
  .union([z.array(z.string()), z.string().transform((text) => text.split(/[\s,]+/).filter((word) => word !== ''))])
  .pipe(z.array(z.string().regex(/^[^\s+]+\+[0-9a-f]{8}\+[A-Za-z0-9+/]+={0,2}$/)).max(64));

/** The settings of the transparency log. */
export const LOG_SETTINGS = {
  'log.origin': described(
    z
      .string()
      .max(253)
      .regex(/^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/),
    {
      allowed: "a host's name in lower case, such as log.example.org",
      fallback: "a name made of the log's key, which is kept with the log",
      about: "the transparency log's name; it cannot be changed once the log is begun",
    },
  ),
  'log.witnesses': described(witnessKeys, {
    allowed: 'a list of keys NAME+ID+KEY',
    fallback: 'none',
    about: 'the witnesses whose cosignatures of checkpoints are looked for',
  }),
} as const;
