import { el } from '../h.ts';
import type { Page } from '../layout.ts';
import { codeToCopy } from '../parts/code.ts';
import { counted } from '../parts/numbers.ts';
import { pagesOfList } from '../parts/pages-of-list.ts';
import { table } from '../parts/table.ts';
import { timeElement } from '../parts/time.ts';
import { choice, csrfField, type OperatorFrame, operatorLink, operatorPage, textField } from './frame.ts';

type Part<Row> = {
  readonly total: number;
  readonly records: readonly Row[];
  readonly next?: string;
  readonly later: boolean;
};

export type WorkerRow = {
  readonly id: number;
  readonly name: string;
  readonly kind: string;
  readonly address?: string;
  readonly status?: string;
  readonly lastSeenAt: string;
  readonly revokedAt?: string;
  readonly capabilities: { readonly architectures: readonly string[] };
};

export type TokenRow = {
  readonly id: number;
  readonly name: string;
  readonly role: string;
  readonly createdAt: string;
  readonly expiresAt?: string;
  readonly revokedAt?: string;
  readonly lastUsedAt?: string;
};

export type AuditRow = {
  readonly id: number;
  readonly at: string;
  readonly actor: string;
  readonly action: string;
  readonly subject: string;
  readonly detail: unknown;
};

/** Characters of a change's detail that are shown. */
const DETAIL = 500;

/** Who builds. */
export function workersPage(frame: OperatorFrame, workers: Part<WorkerRow>): Page {
  return operatorPage(
    frame,
    { title: 'Workers', part: 'workers' },
    table<WorkerRow>({
      caption: counted(workers.total, 'worker'),
      rows: workers.records,
      empty: 'No worker was here yet.',
      columns: [
        { label: 'Worker', heads: true, cell: ({ id, name }) => `${id} ${name}` },
        { label: 'Kind', cell: ({ kind }) => kind },
        { label: 'Builds for', cell: ({ capabilities }) => capabilities.architectures.slice(0, 20).join(' ') },
        { label: 'Address', cell: ({ address }) => address ?? 'none' },
        { label: 'Says', cell: ({ status }) => status ?? 'nothing' },
        { label: 'Heard of', cell: ({ lastSeenAt }) => timeElement(frame, lastSeenAt) },
        {
          label: 'Rights',
          cell: ({ id, name, revokedAt }) =>
            revokedAt !== undefined
              ? ['revoked ', timeElement(frame, revokedAt)]
              : frame.who.role === 'admin'
                ? el(
                    'a',
                    { href: operatorLink(frame, ['workers', String(id), 'revoke']), 'aria-label': `Revoke ${name}` },
                    'Revoke…',
                  )
                : 'builds',
        },
      ],
    }),
    pages(frame, 'workers', workers),
  );
}

/** Who may do what. */
export function tokensPage(frame: OperatorFrame, tokens: readonly TokenRow[]): Page {
  return operatorPage(
    frame,
    { title: 'Tokens', part: 'tokens' },
    table<TokenRow>({
      caption: counted(tokens.length, 'token'),
      rows: tokens,
      columns: [
        { label: 'Token', heads: true, cell: ({ id, name }) => `${id} ${name}` },
        { label: 'Role', cell: ({ role }) => role },
        { label: 'Made', cell: ({ createdAt }) => timeElement(frame, createdAt) },
        {
          label: 'Used',
          cell: ({ lastUsedAt }) => (lastUsedAt === undefined ? 'never' : timeElement(frame, lastUsedAt)),
        },
        { label: 'Ends', cell: ({ expiresAt }) => (expiresAt === undefined ? 'never' : timeElement(frame, expiresAt)) },
        {
          label: 'Rights',
          cell: ({ id, name, revokedAt }) =>
            revokedAt !== undefined
              ? ['revoked ', timeElement(frame, revokedAt)]
              : el(
                  'a',
                  { href: operatorLink(frame, ['tokens', String(id), 'revoke']), 'aria-label': `Revoke ${name}` },
                  'Revoke…',
                ),
        },
      ],
    }),
    el('h2', {}, 'Make a token'),
    el(
      'form',
      { class: 'inputs', action: operatorLink(frame, ['tokens']), method: 'post', 'aria-label': 'Make a token' },
      csrfField(frame),
      textField('token-name', 'Whose it is', undefined),
      choice(
        'token-role',
        'What it opens',
        ['reader', 'worker', 'operator', 'admin'].map((role) => [role, role] as const),
      ),
      textField('token-days', 'Days until it ends; none: never', undefined),
      el('div', { class: 'input' }, el('button', {}, 'Make it')),
    ),
  );
}

/** A new token's text, this once. */
export function tokenMadePage(
  frame: OperatorFrame,
  { name, role, secret }: { readonly name: string; readonly role: string; readonly secret: string },
): Page {
  const page = operatorPage(
    frame,
    { title: 'A token was made', part: 'tokens' },
    el(
      'p',
      {},
      `It is ${name}'s, and opens what the role ${role} may do. `,
      el('strong', {}, 'It cannot be seen again.'),
    ),
    codeToCopy('The token', secret),
    el('p', {}, el('a', { href: operatorLink(frame, ['tokens']) }, 'Back to the tokens')),
  );
  return { ...page, islands: ['copy'] };
}

/** Before somebody loses their rights. */
export function revokePage(
  frame: OperatorFrame,
  { kind, id, name }: { readonly kind: 'worker' | 'token'; readonly id: number; readonly name: string },
): Page {
  const about =
    kind === 'worker'
      ? 'Its requests are refused from now on, and what it builds now is given to another.'
      : 'Whoever has it can do nothing with it from now on, and is signed out.';
  return operatorPage(
    frame,
    { title: `Revoke the ${kind} ${name}?`, part: `${kind}s` },
    el('p', {}, about),
    el('p', {}, el('strong', {}, 'This cannot be undone.')),
    el(
      'form',
      { class: 'ask', action: operatorLink(frame, [`${kind}s`, String(id), 'revoke']), method: 'post' },
      csrfField(frame),
      el(
        'p',
        { class: 'actions' },
        el('button', {}, 'Revoke it'),
        ' ',
        el('a', { class: 'button quiet', href: operatorLink(frame, [`${kind}s`]) }, 'Back, change nothing'),
      ),
    ),
  );
}

/** Who changed what. */
export function auditPage(frame: OperatorFrame, entries: Part<AuditRow>): Page {
  return operatorPage(
    frame,
    { title: 'Audit log', part: 'audit' },
    table<AuditRow>({
      caption: `${counted(entries.total, 'change')}, newest first`,
      rows: entries.records,
      empty: 'Nobody changed anything yet.',
      columns: [
        { label: 'When', cell: ({ at }) => timeElement(frame, at) },
        { label: 'Who', heads: true, cell: ({ actor }) => actor },
        { label: 'What', cell: ({ action, subject }) => `${action} ${subject}` },
        { label: 'More', cell: ({ detail }) => el('code', {}, shortened(detail)) },
      ],
    }),
    pages(frame, 'audit', entries),
  );
}

function shortened(detail: unknown): string {
  const text = detail === null || detail === undefined ? '' : JSON.stringify(detail);
  return text.length > DETAIL ? `${text.slice(0, DETAIL)}…` : text;
}

function pages(frame: OperatorFrame, part: string, { total, records, next, later }: Part<unknown>) {
  return pagesOfList({ path: operatorLink(frame, [part]), query: {}, total, shown: records.length, next, later });
}
