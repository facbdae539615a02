import { type Frame, link } from '../frame.ts';
import { type Child, type Element, el } from '../h.ts';
import type { Page } from '../layout.ts';
import { codeToCopy, facts } from '../parts/code.ts';
import { count, counted, perCent } from '../parts/numbers.ts';
import { emptyState, errorState, note } from '../parts/states.ts';
import { table } from '../parts/table.ts';
import { sign } from '../parts/verdict.ts';

export type HostState = 'reproduced' | 'differs' | 'inconclusive' | 'untried' | 'unknown';

/** A package of somebody's machine, and what is known of it. */
export type HostRow = {
  readonly name: string;
  readonly version: string;
  readonly architecture?: string;
  readonly state: HostState;
  readonly rebuilders: number;
  readonly distribution?: string;
  readonly release?: string;
  readonly source?: string;
  readonly reason?: string;
  readonly resultId?: number;
};

/** What became of a list, and how it is looked at. */
export type HostFacts = {
  readonly counts: Readonly<Record<HostState, number>>;
  readonly total: number;
  readonly packages: readonly HostRow[];
  readonly unread: number;
  readonly unreadLines: readonly { readonly line: number; readonly text: string }[];
};

export type HostForm = { readonly text: string; readonly show: HostState | 'all'; readonly name: string };

/** Longer tables are of no use to a reader, and are in the JSON. */
const ROWS = 500;
const FIELDS = ['Package', 'Version', 'Architecture'].map((field) => `\${${field}}`);
const LIST_COMMAND = `dpkg-query -W -f '${FIELDS.join(' ')}\\n'`;
const LEAD =
  'Paste the list of packages that a machine has installed, and see which of them somebody built again to the very ' +
  'same bytes, and how many did.';

const STATES: Readonly<Record<HostState, { readonly label: string; readonly about: string; readonly look: Look }>> = {
  reproduced: { label: 'Reproduced', about: 'the published file came out again, byte for byte', look: 'good' },
  differs: { label: 'Not reproduced', about: 'other bytes came out, or none', look: 'bad' },
  inconclusive: { label: 'Not known', about: 'it was tried, and that says nothing of the package', look: 'open' },
  untried: { label: 'Not tried yet', about: 'it is listed here and waits', look: 'none' },
  unknown: { label: 'Not listed', about: 'no list here has that name, version and architecture', look: 'none' },
};
type Look = Parameters<typeof sign>[0];
const ORDER: readonly HostState[] = ['reproduced', 'differs', 'inconclusive', 'untried', 'unknown'];

/** Where a list is asked for. `failed`: why the last one was not read. */
export function hostFormPage(frame: Frame, given: { readonly text?: string; readonly failed?: string } = {}): Page {
  return {
    title: 'My host',
    description: LEAD,
    section: 'host',
    islands: ['copy'],
    main: [
      el('h1', {}, 'My host'),
      el('p', { class: 'lead' }, LEAD),
      given.failed !== undefined && errorState('That list was not read', given.failed),
      askForm(frame, given.text ?? ''),
      otherWays(frame),
    ],
  };
}

/** What is known of a list. */
export function hostPage(frame: Frame, facts: HostFacts, form: HostForm): Page {
  return {
    title: 'My host',
    section: 'host',
    islands: ['host', 'copy'],
    unlisted: true,
    main: [
      el('h1', {}, 'My host'),
      facts.total === 0
        ? emptyState('There was no package in that list.', 'Look at the forms that are read below, and try again.')
        : summary(facts),
      unreadNote(facts),
      facts.total > 0 && packagesTable(frame, facts, form),
      el('h2', {}, 'Another list'),
      askForm(frame, facts.total === 0 ? form.text : ''),
      otherWays(frame),
    ],
  };
}

function summary({ counts, total }: HostFacts): Element {
  const judged = counts.reproduced + counts.differs;
  const share = perCent(counts.reproduced, judged);
  return el(
    'section',
    { class: 'card host-summary', 'aria-label': 'Summary' },
    el(
      'p',
      { class: 'big' },
      el('strong', {}, `${count(counts.reproduced)} of ${count(judged)}`),
      ` judged packages were reproduced${share === undefined ? '' : ` (${share})`}; ${counted(total, 'package')} in the list.`,
    ),
    facts(
      ORDER.map((state) => [
        STATES[state].label,
        [sign(STATES[state].look), ' ', el('strong', {}, count(counts[state])), ` ${STATES[state].about}`],
      ]),
    ),
  );
}

function unreadNote({ unread, unreadLines }: HostFacts): Child {
  if (unread === 0) return undefined;
  return el(
    'details',
    {},
    el('summary', {}, `${counted(unread, 'line')} of it ${unread === 1 ? 'is' : 'are'} no package`),
    el(
      'ul',
      {},
      unreadLines.map(({ line, text }) => el('li', {}, `line ${line}: `, el('code', {}, text))),
    ),
  );
}

function packagesTable(frame: Frame, { packages }: HostFacts, form: HostForm): readonly Child[] {
  const chosen = packages.filter(
    ({ state, name }) => (form.show === 'all' || form.show === state) && name.includes(form.name),
  );
  const rows = chosen.slice(0, ROWS);
  return [
    filterForm(frame, form),
    table<HostRow>({
      caption:
        rows.length < chosen.length
          ? `The first ${count(rows.length)} of ${counted(chosen.length, 'package')}; the JSON has all of them`
          : counted(rows.length, 'package'),
      rows,
      empty: 'No package of the list is like that.',
      columns: [
        {
          label: 'Package',
          heads: true,
          cell: ({ name, source, distribution, release = '-' }) =>
            source === undefined || distribution === undefined
              ? name
              : el('a', { href: link(frame, ['packages', distribution, release, source]) }, name),
        },
        { label: 'Version', cell: ({ version }) => version },
        { label: 'Architecture', cell: ({ architecture }) => architecture ?? 'not said' },
        {
          label: 'State',
          cell: ({ state, reason, resultId }) => [
            el('span', { class: 'host-state' }, sign(STATES[state].look), ' ', STATES[state].label),
            reason !== undefined && el('span', { class: 'reason' }, ` ${reason}`),
            resultId !== undefined && [' ', el('a', { href: link(frame, ['rebuilds', String(resultId)]) }, 'rebuild')],
          ],
        },
        { label: 'Rebuilders', numeric: true, cell: ({ rebuilders }) => count(rebuilders) },
      ],
    }),
  ];
}

/** The list goes with it, since nothing of it is kept. */
function filterForm(frame: Frame, form: HostForm): Element {
  const options = [
    ['all', 'all'] as const,
    ...ORDER.map((state) => [state, STATES[state].label.toLowerCase()] as const),
  ];
  return el(
    'form',
    { class: 'filters', action: link(frame, ['host']), method: 'post', 'aria-label': 'Filter', 'data-host': true },
    el('label', { for: 'host-show' }, 'Show'),
    el(
      'select',
      { id: 'host-show', name: 'show' },
      options.map(([value, label]) => el('option', { value, selected: value === form.show }, label)),
    ),
    el('label', { for: 'host-name' }, 'with a name that holds'),
    el('input', {
      id: 'host-name',
      name: 'name',
      type: 'search',
      value: form.name,
      maxlength: 200,
      autocomplete: 'off',
    }),
    el('textarea', { name: 'packages', hidden: true, 'aria-label': 'The list' }, form.text),
    el('button', {}, 'Filter'),
    el('button', { class: 'quiet', name: 'as', value: 'json' }, 'As JSON'),
  );
}

function askForm(frame: Frame, text: string): Element {
  return el(
    'form',
    { class: 'ask', action: link(frame, ['host']), method: 'post' },
    el('label', { for: 'packages' }, 'The packages of a machine'),
    el(
      'textarea',
      {
        id: 'packages',
        name: 'packages',
        required: true,
        spellcheck: 'false',
        autocapitalize: 'off',
        placeholder: 'libc6 2.41-12 amd64\nless 668-1 amd64',
        'aria-describedby': 'packages-about',
      },
      text,
    ),
    el('button', {}, 'Look them up'),
    el(
      'p',
      { class: 'note', id: 'packages-about' },
      'Of dpkg-query, dpkg -l or apt list --installed, a .buildinfo, or a lock of reproof. Up to 20,000 packages. ' +
        'The list is not kept.',
    ),
  );
}

function otherWays(frame: Frame): readonly Element[] {
  const url = frame.publicUrl;
  return [
    el('h2', {}, 'How to get the list'),
    codeToCopy('Command that lists packages', LIST_COMMAND),
    el('h2', {}, 'Without a browser'),
    codeToCopy('Command that asks this service', `reproof host --server ${url}`),
    codeToCopy(
      'The same with curl',
      `${LIST_COMMAND} |\n  curl --data-binary @- -H 'Content-Type: text/plain' ${url}/api/host`,
    ),
    note('A service sees what is asked of it, which tells what a machine has installed. Whoever minds runs their own.'),
  ];
}
