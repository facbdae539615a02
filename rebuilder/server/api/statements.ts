import { z } from 'zod';
import { BUNDLE_TYPE } from '../../../attest/index.ts';
import { ReproofError } from '../../../model/index.ts';
import { type EvidenceKeeper, ownerOfResult } from '../../evidence/index.ts';
import type { RouteGroup, ServerContext } from '../context.ts';
import { content, failure, idParams, rowId } from '../schemas/fields.ts';
import { there } from './packages.ts';

const ENVELOPE_TYPE = 'application/vnd.dsse+json';

const statement = z.object({
  name: z.string(),
  predicateType: z.string(),
  subject: z.array(z.object({ name: z.string(), sha256: z.string() })).readonly(),
  sha256: z.string(),
  keyid: z.string(),
  /** Its place in the log; absent until it is published. */
  logIndex: z.number().optional(),
});
const statementParams = z.object({ id: rowId, name: z.string().min(1).max(300) });
const statementQuery = z.strictObject({ form: z.enum(['bundle', 'envelope']).default('bundle') });

/** What is signed of ended attempts. Everything here is checked against its signature before it is shown. */
export function statementRoutes(evidence: Pick<EvidenceKeeper, 'statements'>): RouteGroup {
  return (app, context) => {
    const onRequest = context.access.require('reader');
    const tags = ['rebuilds'];

    app.get(
      '/api/rebuilds/:id/statements',
      {
        onRequest,
        schema: {
          tags,
          summary: 'What is signed of it: a comparison of each published file, and how the rebuilt ones came to be',
          params: idParams,
          response: { 200: z.object({ statements: z.array(statement).readonly() }), '4xx': failure },
        },
      },
      async ({ params }) => {
        const kept = await statementsOf(params.id, { context, evidence });
        return {
          statements: kept.map(({ envelope: _, bundle, ...told }) => {
            const entry = bundle?.verificationMaterial.tlogEntries[0];
            return { ...told, ...(entry === undefined ? {} : { logIndex: Number(entry.logIndex) }) };
          }),
        };
      },
    );

    app.get(
      '/api/rebuilds/:id/statements/:name',
      {
        onRequest,
        schema: {
          tags,
          summary: 'One of them: a sigstore bundle with its place in the log, or the bare DSSE envelope',
          params: statementParams,
          querystring: statementQuery,
          response: { 200: content(BUNDLE_TYPE, 'the statement as it is signed'), '4xx': failure },
        },
      },
      async ({ params, query }, reply) => {
        const kept = await statementsOf(params.id, { context, evidence });
        const found = kept.find(({ name }) => name === params.name);
        const value = query.form === 'envelope' ? found?.envelope : found?.bundle;
        if (value === undefined)
          throw new ReproofError('RESOURCE_UNKNOWN', 'reading a statement: there is none, or it is not published yet');
        return reply.type(query.form === 'envelope' ? ENVELOPE_TYPE : BUNDLE_TYPE).send(JSON.stringify(value));
      },
    );
  };
}

async function statementsOf(
  id: number,
  {
    context: { store },
    evidence,
  }: { readonly context: ServerContext; readonly evidence: Pick<EvidenceKeeper, 'statements'> },
): ReturnType<EvidenceKeeper['statements']> {
  const owner = await ownerOf(id, store);
  return owner === undefined ? [] : evidence.statements(owner);
}

/** Whose statements speak of a result; undefined where nothing is stated of it. Throws RESOURCE_UNKNOWN. */
export async function ownerOf(id: number, store: ServerContext['store']): Promise<string | undefined> {
  const result = there(await store.results.result(id), 'a rebuild');
  const worker = result.workerId === undefined ? undefined : await store.access.worker(result.workerId);
  return ownerOfResult(result, worker);
}
