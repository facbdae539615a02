import { dataKeys } from '../evidence/index.ts';
import { type Database, publishedRebuilds } from '../store/index.ts';
import { checkEvidence } from './check-evidence.ts';

/** What is wrong first with the evidence of a data folder that was just copied; undefined where nothing is. */
export async function lookAtCopiedEvidence(dataFolder: string, database?: Database): Promise<string | undefined> {
  const published = database === undefined ? nothing() : publishedRebuilds(database);
  const keys = dataKeys({ dataFolder, now: () => new Date() });
  const { faults } = await checkEvidence({ dataFolder, keys, published }, { quick: false });
  const [first] = faults;
  return first === undefined ? undefined : `${first.place} is ${first.kind}: ${first.why}`;
}

async function* nothing(): AsyncGenerator<never> {}
