import {
  type Frame,
  operatorQueuePage,
  overviewPage,
  type Page,
  packagePage,
  packagesPage,
  renderPage,
} from '../../../dashboard/index.ts';
import type { ServerContext } from '../context.ts';
import { queueFacts } from '../operator/queue.ts';
import { overviewFacts } from './overview.ts';
import { packageValues } from './package.ts';
import { packagesFacts } from './packages.ts';

/** How often: after some times what draws is quick. */
const TIMES = 5;
/** Lists as people ask for them. Each kind is read in another way. */
const ASKED: readonly Parameters<typeof packagesFacts>[1][] = [
  {},
  { name: 'lib' },
  { verdict: 'unreproducible' },
  { maintainer: 'team' },
];

/**
 * Reads and draws the pages that most people come to first, for nobody: the first times take several times as long, and
 * whoever comes then does not wait for it.
 */
export async function drawBefore(
  context: Pick<ServerContext, 'store' | 'now'>,
  places: Omit<Frame, 'publicUrl' | 'now'>,
): Promise<void> {
  const { store, now } = context;
  const frame: Frame = { ...places, publicUrl: '', now: now() };
  const operator = { ...frame, who: { name: '', role: 'admin', until: frame.now.toISOString() }, csrf: '' };
  // Compression asks of each answer whether it is one of fetch, which Node loads when it is named first: 40 ms.
  void globalThis.Response;
  const draw = (page: Page) => void Buffer.from(renderPage(frame, page));
  for (let times = 0; times < TIMES; times++) {
    draw(overviewPage(frame, await overviewFacts(context)));
    for (const query of ASKED) {
      const facts = await packagesFacts(context, query);
      draw(packagesPage(frame, facts));
      const [row] = facts.rows;
      if (row === undefined) continue;
      const { distribution, release = '-', name } = row;
      draw(packagePage(frame, await packageValues(context, { distribution, release, name })));
    }
    draw(operatorQueuePage(operator, await queueFacts(store.jobs, {})));
  }
}
