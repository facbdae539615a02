import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  bundleOf,
  openKeys,
  PAYLOAD_TYPE,
  signEnvelope,
  statementBytes,
  summaryStatement,
} from '../../../attest/index.ts';
import type { Answer } from '../../../attest/verify/index.ts';
import { canonicalJson, ReproofError } from '../../../model/index.ts';
import type { CommandContext, CommonOptions } from '../context.ts';
import { productVersion } from '../version.ts';

/**
 * Signs what was answered as a SLSA verification summary, with this data folder's key for statements, and writes it as a
 * bundle (PATH.sigstore.json) and as a plain envelope (PATH.dsse.json). Throws KEY_*, STORE_FAILED.
 */
export async function writeSummary(
  answer: Answer,
  { path, verifier }: { readonly path: string; readonly verifier: string },
  { options, context }: { readonly options: CommonOptions; readonly context: CommandContext },
): Promise<void> {
  if (!URL.canParse(verifier))
    throw new ReproofError(
      'USAGE',
      `writing a summary: --verifier has to be an address, and is ${JSON.stringify(verifier)}`,
    );
  const { data, keys } = await context.settings(options);
  const signer = await openKeys({ folder: join(data, 'keys'), now: () => new Date(), ...keys }).signer('statement');
  const statement = summaryStatement({
    ...answer,
    verifier,
    reproof: productVersion(),
    inputs: answer.voices.map(({ statement: sha256 }) => sha256),
  });
  const envelope = await signEnvelope(PAYLOAD_TYPE, statementBytes(statement), signer);
  for (const [ending, value] of [
    ['sigstore', bundleOf(envelope, signer)],
    ['dsse', envelope],
  ] as const)
    await writeFile(`${path}.${ending}.json`, `${canonicalJson(value)}\n`).catch((cause: NodeJS.ErrnoException) => {
      throw new ReproofError('STORE_FAILED', `writing ${path}.${ending}.json: ${cause.message}`, { cause });
    });
}
