import { writeFile } from 'node:fs/promises';
import { statementBytes, summaryStatement } from '../../../attest/index.ts';
import type { Answer } from '../../../attest/verify/index.ts';
import { canonicalJson, ReproofError, sha256Of } from '../../../model/index.ts';
import { dataKeys, openDataEvidence } from '../../evidence/index.ts';
import { packOfOwner } from '../../evidence-pack/index.ts';
import type { CommandContext, CommonOptions } from '../context.ts';
import { evidenceSettings } from '../evidence-settings.ts';
import { productVersion } from '../version.ts';

/** Of a summary's digest, which names it among what the data folder states. */
const NAME_DIGITS = 32;

/**
 * Signs what was answered as a SLSA verification summary, with this data folder's key for statements, keeps and logs it
 * as all that is stated here, and writes it as a bundle with its proof (PATH.sigstore.json), as a plain envelope
 * (PATH.dsse.json), and the log's trusted root (PATH.trusted-root.json). Throws KEY_*, LOG_*, STORE_*.
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
  const settings = await context.settings(options);
  const place = { dataFolder: settings.data, now: () => new Date(), ...evidenceSettings(settings) };
  const statement = summaryStatement({
    ...answer,
    verifier,
    reproof: productVersion(),
    inputs: answer.voices.map(({ statement: sha256 }) => sha256),
  });
  const owner = `summary-${sha256Of(statementBytes(statement)).slice(0, NAME_DIGITS)}`;
  const evidence = openDataEvidence(place);
  try {
    await evidence.keep(owner, [{ name: 'summary', statement }]);
    await evidence.publish(owner);
    const { singles } = await packOfOwner(owner, { dataFolder: settings.data, evidence, keys: dataKeys(place) });
    const [kept] = await evidence.statements(owner);
    await write(`${path}.sigstore.json`, `${canonicalJson(kept?.bundle)}\n`);
    await write(`${path}.dsse.json`, `${canonicalJson(kept?.envelope)}\n`);
    await write(`${path}.trusted-root.json`, singles['trusted-root.json'] ?? '');
  } finally {
    await evidence.close();
  }
}

async function write(path: string, content: string | Uint8Array): Promise<void> {
  await writeFile(path, content).catch((cause: NodeJS.ErrnoException) => {
    throw new ReproofError('STORE_FAILED', `writing ${path}: ${cause.message}`, { cause });
  });
}
