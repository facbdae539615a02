import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { type Answer, readPolicy, verifyEvidence } from '../../../attest/verify/index.ts';
import { ERROR_EXIT_STATUS, ReproofError } from '../../../model/index.ts';
import { type FetchDocument, gatherEvidence } from '../../evidence-pack/gather.ts';
import { readChunks } from '../../evidence-pack/read-chunks.ts';
import { type CommandContext, writeJson } from '../context.ts';
import type { VerifyOptions } from './options.ts';

/** Asks whether a policy holds for a file, tells the answer, and gives the exit status. */
export async function runVerify(file: string, options: VerifyOptions, context: CommandContext): Promise<number> {
  const { evidence = [], fromRebuilderd = [] } = options;
  if (evidence.length + fromRebuilderd.length === 0)
    throw new ReproofError('USAGE', 'verifying: no evidence is given; name it with --evidence or --from-rebuilderd');
  if (options.writeVsa !== undefined && options.verifier === undefined)
    throw new ReproofError('USAGE', 'verifying: a summary names who verified; say --verifier with an address of yours');
  const at = (path: string): string => (/^https?:\/\//.test(path) ? path : resolve(context.workingFolder, path));
  const policy = await readPolicy(await readInput(at(options.policy), 'policy'));
  const name = basename(file);
  const network = openNetwork(options, context);
  try {
    const gathered = await gatherEvidence(evidence.map(at), network.fetchDocument);
    const links = [...gathered.links];
    for (const server of fromRebuilderd) {
      const { linksFromRebuilderd } = await import('../../evidence-pack/from-rebuilderd.ts');
      links.push(...(await linksFromRebuilderd(server, name, network.fetchDocument)));
    }
    const question = {
      file: { name, sha256: await digestOf(at(file)) },
      policy,
      at: (options.at ?? new Date()).getTime(),
    };
    const answer = verifyEvidence(question, { ...gathered, links });
    if (options.writeVsa !== undefined && options.verifier !== undefined) {
      const { writeSummary } = await import('./write-summary.ts');
      const target = { path: at(options.writeVsa), verifier: options.verifier };
      await writeSummary(answer, target, { options, context });
    }
    await tell(answer, options.json === true, context);
    return answer.failed === undefined ? 0 : ERROR_EXIT_STATUS[answer.failed.code];
  } finally {
    await network.close();
  }
}

/** The way out to addresses, opened when one is first asked for. */
function openNetwork(
  options: VerifyOptions,
  context: CommandContext,
): { readonly fetchDocument: FetchDocument; readonly close: () => Promise<void> } {
  let opened: Promise<import('../../fetch/index.ts').Fetcher> | undefined;
  const open = async (): Promise<import('../../fetch/index.ts').Fetcher> => {
    const [{ openFetcher, proxyFromEnvironment }, settings] = await Promise.all([
      import('../../fetch/index.ts'),
      context.settings(options),
    ]);
    return openFetcher({ cacheFolder: settings.cache, proxy: proxyFromEnvironment(context.environment) });
  };
  return {
    fetchDocument: async (url, maxBytes) => {
      opened ??= open();
      return (await (await opened).fetchDocument(url, { maxBytes, signal: context.signal })).bytes;
    },
    close: async () => {
      await (await opened?.catch(() => undefined))?.close();
    },
  };
}

async function readInput(path: string, what: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw new ReproofError('USAGE', `reading the ${what} ${path}: ${(cause as Error).message}`, { cause });
  }
}

async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  try {
    for await (const chunk of readChunks(path)) hash.update(chunk);
  } catch (cause) {
    throw new ReproofError('USAGE', `reading the file ${path}: ${(cause as Error).message}`, { cause });
  }
  return hash.digest('hex');
}

async function tell(answer: Answer, json: boolean, { stdout }: CommandContext): Promise<void> {
  if (json) return writeJson(stdout, answer);
  const [{ answerText }, { escapeTerminal }] = await Promise.all([
    import('./answer-text.ts'),
    import('../terminal-text.ts'),
  ]);
  const lines = answerText(answer).map((line) => `${escapeTerminal(line)}\n`);
  await stdout.write(lines.join(''));
}
