import { explained, type Frame, link, queryText } from '../frame.ts';
import { type Element, el } from '../h.ts';
import { causeTitle } from '../parts/causes.ts';
import { count } from '../parts/numbers.ts';
import { alternateLinks, emptyState } from '../parts/states.ts';
import { table } from '../parts/table.ts';
import { verdictBadge } from '../parts/verdict.ts';

type Place = { readonly distribution: string; readonly release?: string };
/** How many source packages of a place are held back by a cause. */
export type CauseRow = Place & { readonly cause: string; readonly packages: number };
/** How many source packages of a place came to a verdict other than reproducible, and for what reason. */
export type ReasonRow = Place & { readonly verdict: string; readonly reason?: string; readonly packages: number };

/** Causes, ranked by how many packages they hold back. */
export function causesOf(frame: Frame, { causes }: { readonly causes: readonly CauseRow[] }): Element {
  return el(
    'section',
    { 'aria-labelledby': 'causes' },
    el('h2', { id: 'causes' }, 'What holds packages back'),
    causes.length === 0
      ? emptyState('No cause is known yet.', 'Causes are read from the differences of unreproducible packages.')
      : table({
          caption: 'Unreproducible source packages by what differs in them. A package may have several.',
          rows: causes,
          columns: [
            {
              label: 'Cause',
              heads: true,
              cell: ({ cause }) => el('a', { href: explained(frame, `cause-${cause}`) }, causeTitle(cause)),
            },
            { label: 'In', cell: ({ distribution, release }) => `${distribution} ${release ?? ''}` },
            {
              label: 'Source packages',
              numeric: true,
              cell: ({ distribution, release, cause, packages }) =>
                el(
                  'a',
                  {
                    href: `${link(frame, ['packages'])}${queryText({ distribution, release: release ?? '-', cause })}`,
                  },
                  count(packages),
                ),
            },
          ],
        }),
    alternateLinks([
      { href: link(frame, ['api', 'stats', 'causes']), type: 'application/json', label: 'JSON' },
      { href: link(frame, ['api', 'stats', 'causes.csv']), type: 'text/csv', label: 'CSV' },
    ]),
  );
}

const CHOICES = ['unreproducible', 'failed-to-build', 'inconclusive'];

/** What became of all that is not reproducible, by verdict and reason. */
export function reasonsOf(frame: Frame, { reasons }: { readonly reasons: readonly ReasonRow[] }): Element {
  return el(
    'section',
    { 'aria-labelledby': 'reasons' },
    el('h2', { id: 'reasons' }, 'What became of the rest'),
    reasons.length === 0
      ? emptyState('Nothing failed, and nothing differs.')
      : table({
          caption: 'Source packages that are not reproducible, by verdict and reason',
          rows: reasons,
          columns: [
            { label: 'Verdict', heads: true, cell: (row) => verdictBadge(frame, row) },
            { label: 'In', cell: ({ distribution, release }) => `${distribution} ${release ?? ''}` },
            {
              label: 'Source packages',
              numeric: true,
              cell: ({ distribution, release, verdict, reason, packages }) => {
                const chosen = CHOICES.includes(verdict) ? verdict : undefined;
                const query = { distribution, release: release ?? '-', verdict: chosen, reason };
                return el('a', { href: link(frame, ['packages'], query) }, count(packages));
              },
            },
          ],
        }),
    alternateLinks([
      { href: link(frame, ['api', 'stats', 'reasons']), type: 'application/json', label: 'JSON' },
      { href: link(frame, ['api', 'stats', 'reasons.csv']), type: 'text/csv', label: 'CSV' },
    ]),
  );
}
