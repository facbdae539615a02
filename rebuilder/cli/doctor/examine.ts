import { paint } from '../output.ts';
import type { Settings } from '../settings.ts';
import { escapeTerminal } from '../terminal-text.ts';
import { checkArchive } from './archive.ts';
import type { Check } from './check.ts';
import { checkEngine } from './engine.ts';
import { checkKeyring } from './keyring.ts';
import { checkCaches, checkNode, checkPrograms, checkVariables } from './machine.ts';

export type ExamineOptions = {
  readonly settings: Settings;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
};

/** Looks at everything a rebuild needs, all at once; the checks come in a fixed order. Throws only INTERRUPTED. */
export async function examine({ settings, environment, signal }: ExamineOptions): Promise<readonly Check[]> {
  const groups = await Promise.all([
    checkNode(process.versions.node),
    checkVariables(environment),
    checkEngine(settings),
    checkKeyring(settings.keyring),
    checkPrograms(signal),
    checkArchive(settings, signal),
    checkCaches(settings),
  ]);
  signal.throwIfAborted();
  return groups.flat();
}

const COLOURS = { ok: 'green', warn: 'yellow', fail: 'red' } as const;

/** A check as a line, and another with what to do. */
export function checkText(check: Check, colour: boolean): string {
  const line = `${paint(check.state.padEnd(4), COLOURS[check.state], colour)}  ${check.name}: ${escapeTerminal(check.detail)}\n`;
  return check.state === 'ok' ? line : `${line}      → ${escapeTerminal(check.todo)}\n`;
}
