import { type Child, type Element, el } from '../h.ts';
import type { Page } from '../layout.ts';
import { counted } from '../parts/numbers.ts';
import { csrfField, field, type OperatorFrame, operatorLink, operatorPage } from './frame.ts';
import { type JobRow, stateOf } from './queue.ts';

export type ConfirmFacts = {
  readonly action: 'cancel' | 'priority' | 'ask' | 'pause' | 'drain' | 'resume';
  /** What the form sends back. */
  readonly fields: Readonly<Record<string, string | number>>;
  readonly total: number;
  /** The first few of the jobs that are changed. */
  readonly records: readonly JobRow[];
  readonly undoable: boolean;
};

type Words = { readonly title: string; readonly about: readonly string[]; readonly button: string };

/** What will be changed, before it is. */
export function confirmPage(frame: OperatorFrame, facts: ConfirmFacts): Page {
  const { action, fields, total, records } = facts;
  const { title, about, button } = wordsOf(facts);
  const nothing = (action === 'cancel' || action === 'priority') && total === 0;
  return operatorPage(
    frame,
    { title: nothing ? 'No job is like that' : title },
    about.map((words) => el('p', {}, words)),
    chosen(fields),
    records.length > 0 && jobList(frame, records, total),
    el(
      'form',
      { class: 'ask', action: operatorLink(frame, ['queue', 'change']), method: 'post' },
      csrfField(frame),
      el('input', { type: 'hidden', name: 'action', value: action }),
      Object.entries(fields).map(([name, value]) =>
        name === 'priority' ? undefined : el('input', { type: 'hidden', name, value: String(value) }),
      ),
      (action === 'priority' || action === 'ask') && priorityField(action, fields.priority ?? records[0]?.priority),
      el(
        'p',
        { class: 'actions' },
        !nothing && el('button', {}, button),
        ' ',
        el('a', { class: 'button quiet', href: operatorLink(frame, ['queue']) }, 'Back, change nothing'),
      ),
    ),
  );
}

function wordsOf({ action, fields, total, undoable }: ConfirmFacts): Words {
  const jobs = counted(total, 'job');
  const all = Object.keys(fields).length === 0 ? ['Nothing was chosen: this is every job there is.'] : [];
  const undo = undoable
    ? 'This can be undone.'
    : 'These are too many to be undone at once: they can be asked for again by the same filter.';
  switch (action) {
    case 'cancel':
      return {
        title: `Cancel ${jobs}?`,
        about: [...all, 'Those that wait leave the queue; builds that run are stopped, and their work is lost.', undo],
        button: `Cancel ${jobs}`,
      };
    case 'priority':
      return {
        title: `Change the priority of ${jobs}?`,
        about: [...all, 'A lower number is begun sooner.', undo],
        button: 'Change it',
      };
    case 'ask':
      return {
        title: 'Ask for these builds?',
        about: [
          Object.keys(fields).length === 0
            ? 'Nothing was chosen: this is everything that is listed.'
            : 'What is listed and matches is queued, each once; what is in the queue already is begun sooner.',
          'They can be cancelled again.',
        ],
        button: 'Ask for them',
      };
    case 'pause':
      return {
        title: 'Pause the queue?',
        about: ['No job is given out until it is resumed. Builds that run go on.', 'This can be undone.'],
        button: 'Pause',
      };
    case 'drain':
      return {
        title: 'Drain the queue?',
        about: ['No job is given out, so that workers can be stopped when they are done.', 'This can be undone.'],
        button: 'Drain',
      };
    case 'resume':
      return {
        title: 'Resume the queue?',
        about: ['Jobs are given out again.', 'This can be undone.'],
        button: 'Resume',
      };
    default:
      return action satisfies never;
  }
}

function chosen(fields: ConfirmFacts['fields']): Child {
  const words = Object.entries(fields).filter(([name]) => name !== 'priority');
  return (
    words.length > 0 &&
    el(
      'ul',
      {},
      words.map(([name, value]) => el('li', {}, `${name}: `, el('strong', {}, String(value)))),
    )
  );
}

function jobList(frame: OperatorFrame, records: readonly JobRow[], total: number): Element {
  const more = total - records.length;
  return el(
    'ul',
    {},
    records.map((job) =>
      el(
        'li',
        {},
        `job ${job.id}: `,
        el('bdi', {}, `${job.source} ${job.version} ${job.architecture}`),
        ', ',
        stateOf(frame, job),
      ),
    ),
    more > 0 && el('li', {}, `and ${counted(more, 'other')}`),
  );
}

function priorityField(action: string, value: string | number | undefined): Element {
  return field(
    'priority',
    'Priority; lower is sooner',
    el('input', {
      id: 'priority',
      name: 'priority',
      type: 'number',
      step: 1,
      min: -2_147_483_647,
      max: 2_147_483_647,
      required: action === 'priority',
      value: String(value ?? 0),
    }),
  );
}
