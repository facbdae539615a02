import { z } from 'zod';
import { ReproofError } from '../../../model/index.ts';
import { HOST_STATES, type HostReport } from '../../host/index.ts';
import { word } from './fields.ts';

export const hostQuery = z.strictObject({ distribution: word.optional() });

/** A list as text, in any form that is read; or packages one by one. */
export const hostBody = z.union([
  z.strictObject({ text: z.string() }),
  z.strictObject({
    packages: z.array(z.strictObject({ name: word, version: word, architecture: word.optional() })).max(20_000),
  }),
]);

/** What of a list was reproduced. `packages`: what needs looking at first. */
export const hostReport = z.object({
  total: z.number(),
  counts: z.record(z.enum(HOST_STATES), z.number()),
  packages: z
    .array(
      z.object({
        name: z.string(),
        version: z.string(),
        architecture: z.string().optional(),
        state: z.enum(HOST_STATES),
        rebuilders: z.number(),
        distribution: z.string().optional(),
        release: z.string().optional(),
        source: z.string().optional(),
        reason: z.string().optional(),
        resultId: z.number().optional(),
        sha256: z.string().optional(),
      }),
    )
    .readonly(),
  unread: z.number(),
  unreadLines: z.array(z.object({ line: z.number(), text: z.string() })).readonly(),
});

/** A service's answer, read again. Throws SERVER_UNAVAILABLE where it is none of ours. */
export function readHostReport(answer: Uint8Array): HostReport {
  try {
    return hostReport.parse(JSON.parse(Buffer.from(answer).toString('utf8'))) as HostReport;
  } catch (cause) {
    throw new ReproofError('SERVER_UNAVAILABLE', 'reading what the service answered: it is no report of packages', {
      cause,
    });
  }
}
