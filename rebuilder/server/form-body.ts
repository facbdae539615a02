import type { Readable } from 'node:stream';
import type { FastifyRequest } from 'fastify';
import { ReproofError } from '../../model/index.ts';
import { openBody } from './body.ts';
import type { App, ServerContext } from './context.ts';

const FIELDS = 100;

/** Lets the routes of a scope take forms as browsers send them: a field is there once, and is text. */
export function readForms(scope: App, { limits }: Pick<ServerContext, 'limits'>, maxBytes = limits.bodyBytes): void {
  scope.addContentTypeParser(
    'application/x-www-form-urlencoded',
    async (request: FastifyRequest, payload: Readable) => {
      const body = openBody(request, payload, { ...limits, bodyBytes: maxBytes, unpackedBytes: maxBytes });
      const text = Buffer.concat(await Array.fromAsync(body)).toString('utf8');
      const fields = new Map<string, string>();
      for (const [name, value] of new URLSearchParams(text)) {
        if (fields.has(name) || fields.size === FIELDS)
          throw new ReproofError('REQUEST_INVALID', 'reading a form: a field is there twice, or there are too many');
        fields.set(name, value);
      }
      return Object.fromEntries(fields);
    },
  );
}
