import { z } from 'zod';
import { pageQuery } from './fields.ts';

export const EVENTS = ['result', 'verdict', 'regression', 'fixed'] as const;
export type WebhookEvent = (typeof EVENTS)[number];

export const workerQuery = z.strictObject({ ...pageQuery, sort: z.enum(['id', 'name']).optional() });

/** `address` and `key` are told to operators only. */
export const worker = z
  .object({
    id: z.number(),
    name: z.string(),
    kind: z.enum(['local', 'reproof', 'rebuilderd']),
    status: z.string().optional(),
    registeredAt: z.string(),
    lastSeenAt: z.string(),
    revokedAt: z.string().optional(),
    capabilities: z.unknown(),
    address: z.string().optional(),
    key: z.string().optional(),
  })
  .meta({ id: 'Worker' });

export const auditQuery = z.strictObject(pageQuery);
export const auditEntry = z.object({
  id: z.number(),
  at: z.string(),
  actor: z.string(),
  action: z.string(),
  subject: z.string(),
  detail: z.unknown(),
});

/** `secret` signs what is sent; one is made when none is given, and is told once. */
export const webhookBody = z.strictObject({
  url: z
    .string()
    .max(2000)
    .refine((text) => {
      if (!URL.canParse(text)) return false;
      const url = new URL(text);
      return ['http:', 'https:'].includes(url.protocol) && url.username === '' && url.password === '';
    }, 'it has to be an http or https address without a password'),
  events: z.array(z.enum(EVENTS)).min(1).max(EVENTS.length),
  secret: z.string().min(16).max(200).optional(),
});

export const webhook = z.object({
  id: z.number(),
  url: z.string(),
  events: z.array(z.string()).readonly(),
  createdAt: z.string(),
});
export const madeWebhook = webhook.extend({ secret: z.string() });
export const webhooks = z.object({ records: z.array(webhook).readonly() });

export const deliveryQuery = z.strictObject(pageQuery);
export const delivery = z.object({
  id: z.number(),
  event: z.string(),
  resultId: z.number(),
  tries: z.number(),
  nextTryAt: z.string().optional(),
  deliveredAt: z.string().optional(),
  error: z.string().optional(),
});
