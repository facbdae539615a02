import { type Frame, link } from '../frame.ts';
import { el } from '../h.ts';
import type { Page } from '../layout.ts';
import { facts } from '../parts/code.ts';
import { emptyState, note } from '../parts/states.ts';
import { timeElement } from '../parts/time.ts';

/** A job as the API tells it. */
export type ShownJob = {
  readonly id: number;
  readonly source: string;
  readonly version: string;
  readonly distribution: string;
  readonly release?: string | undefined;
  readonly architecture: string;
  readonly kind: string;
  readonly state: 'queued' | 'leased';
  readonly queuedAt: string;
  readonly leasedAt?: string | undefined;
  readonly heartbeatAt?: string | undefined;
  readonly stage?: string | undefined;
  readonly workerId?: number | undefined;
  readonly cancelRequested: boolean;
};

/** What a log ends with now, and where the next byte comes. */
export type LiveEnd = { readonly text: string; readonly next: number; readonly begins: boolean };

const KINDS: Readonly<Record<string, string>> = {
  manual: 'asked for',
  new: 'newly published',
  retry: 'tried again',
  reverify: 'verified anew',
};

/** A job of the queue: what it builds, how far it is, and its log while it runs. */
export function jobPage(frame: Frame, job: ShownJob, live: LiveEnd | undefined): Page {
  const running = job.state === 'leased';
  return {
    title: `${running ? 'Building' : 'Queued:'} ${job.source} ${job.version}`,
    section: 'packages',
    unlisted: true,
    islands: ['live-log'],
    alternates: [{ href: link(frame, ['api', 'queue', String(job.id)]), type: 'application/json', label: 'JSON' }],
    main: [
      el('h1', {}, `${job.source} ${job.version}`),
      el(
        'p',
        { class: 'lead' },
        running ? `is being built for ${job.architecture}` : `waits to be built for ${job.architecture}`,
        job.cancelRequested && ', and is to be stopped',
      ),
      facts([
        ['From', [job.distribution, ' ', job.release]],
        ['Why', KINDS[job.kind] ?? job.kind],
        ['Queued', timeElement(frame, job.queuedAt)],
        ...(job.leasedAt === undefined ? [] : ([['Begun', timeElement(frame, job.leasedAt)]] as const)),
        ...(job.stage === undefined ? [] : ([['Stage', job.stage]] as const)),
        ...(job.heartbeatAt === undefined
          ? []
          : ([['Last sign of life', timeElement(frame, job.heartbeatAt)]] as const)),
        ...(job.workerId === undefined ? [] : ([['Worker', String(job.workerId)]] as const)),
      ]),
      el('h2', {}, 'Log'),
      live === undefined
        ? [
            emptyState(
              running ? 'Its log is not here yet' : 'It has no log yet',
              running
                ? 'The build has not said anything, or it runs where logs come only at the end.'
                : 'The log is shown here while it is built.',
            ),
            el('p', { class: 'note', hidden: true, 'data-await': true }, 'This page looks for news of it by itself.'),
          ]
        : [
            el('p', { role: 'status', class: 'note', 'data-live-state': true }, 'As it was when this page was loaded.'),
            !live.begins && note('This is how the log ends now. The whole is there when the build has ended.'),
            el(
              'pre',
              {
                class: 'live',
                role: 'group',
                tabindex: 0,
                'aria-label': 'The log as it grows',
                'data-follow': link(frame, ['api', 'queue', String(job.id), 'log'], { from: live.next }),
              },
              live.text,
            ),
          ],
      el('p', {}, el('a', { href: link(frame, ['jobs', String(job.id)]) }, 'Load this page again')),
    ],
  };
}
