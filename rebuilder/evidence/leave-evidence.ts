import type { RebuildFacts } from '../../attest/index.ts';
import type { Published, RebuildPlan, RebuildRecord, Unavailable } from '../../model/index.ts';
import { openStages, type StagesRun } from '../stage-runner.ts';
import type { Attested, EvidenceKeeper, PublishedStatements } from './types.ts';

/** What became of a record's evidence. `failed` is tried again: by a resume, by `reproof attest`, by a service's start. */
export type LeftEvidence =
  | { readonly kind: 'left'; readonly attested: Attested; readonly published: PublishedStatements }
  | { readonly kind: 'failed'; readonly error: Error };

/**
 * record -> attest -> publish. Whatever fails here is told and changes no verdict; what was done is kept, and nothing is
 * signed or logged twice.
 */
export async function leaveEvidence(
  record: RebuildRecord,
  { evidence, ...context }: StagesRun & { readonly evidence: Pick<EvidenceKeeper, 'attest' | 'publish' | 'has'> },
): Promise<LeftEvidence> {
  const { id } = record;
  try {
    const run = await openStages(context);
    const facts = async (): Promise<RebuildFacts> => factsOf(record, await context.store.stages(id));
    const attested = await run.stage<Attested>('attest', async () => evidence.attest(await facts()));
    const published = await run.stage<PublishedStatements>('publish', () => evidence.publish(id));
    if (attested.unsigned !== undefined) context.report({ kind: 'note', text: attested.unsigned });
    for (const text of attested.failures ?? []) context.report({ kind: 'note', text });
    if (attested.statements.length === 0 || (await evidence.has(id))) return { kind: 'left', attested, published };
    // Said to be done, and its files are gone: they are made again.
    return { kind: 'left', attested: await evidence.attest(await facts()), published: await evidence.publish(id) };
  } catch (thrown) {
    const error = thrown instanceof Error ? thrown : new Error(String(thrown));
    context.report({
      kind: 'note',
      text: `the record is kept, and its evidence is not complete: ${error.message}; reproof attest ${id} goes on with it`,
    });
    return { kind: 'failed', error };
  }
}

/** What a record's statements are made from, as its stages have it. */
function factsOf(
  record: RebuildRecord,
  stages: readonly { readonly stage: string; readonly value: unknown }[],
): RebuildFacts {
  const storedValue = (name: string): unknown => stages.find(({ stage }) => stage === name)?.value;
  const plan = storedValue('plan') as RebuildPlan | undefined;
  const source = storedValue('source') as Published | Unavailable | undefined;
  return {
    record,
    ...(plan === undefined ? {} : { plan }),
    ...(source === undefined || 'kind' in source ? {} : { published: source }),
  };
}
