import type { HostPackage, HostReport, HostState } from '../../host/index.ts';
import { tableText } from '../table.ts';
import { escapeTerminal } from '../terminal-text.ts';

const HEADS = ['PACKAGE', 'VERSION', 'ARCHITECTURE', 'STATE', 'REBUILDERS', 'WHY'] as const;

const WORDS: Readonly<Record<HostState, string>> = {
  reproduced: 'reproduced',
  differs: 'not reproduced',
  inconclusive: 'not known',
  untried: 'not tried yet',
  unknown: 'not listed',
};

/** A report for people: counts, then every package that was not reproduced; all of them with `all`. Escaped. */
export function hostText(report: HostReport, { all }: { readonly all: boolean }): string {
  const { counts, total, packages, unread, unreadLines } = report;
  const judged = counts.reproduced + counts.differs;
  const shown = packages.filter(({ state }) => all || (state !== 'reproduced' && state !== 'unknown'));
  return [
    `${counts.reproduced} of ${judged} judged packages were reproduced, of ${total} installed.\n`,
    `${counts.differs} not reproduced, ${counts.inconclusive} not known, ${counts.untried} not tried yet, ` +
      `${counts.unknown} not listed.\n`,
    unread === 0 ? '' : `${unread} lines are no packages, such as: ${escapeTerminal(unreadLines[0]?.text ?? '')}\n`,
    shown.length === 0 ? '' : `\n${tableText(HEADS, shown.map(cellsOf))}`,
  ].join('');
}

function cellsOf({ name, version, architecture = '', state, rebuilders, reason = '' }: HostPackage): readonly string[] {
  return [name, version, architecture, WORDS[state], state === 'reproduced' ? String(rebuilders) : '', reason];
}
