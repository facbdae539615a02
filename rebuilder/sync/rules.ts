import { ReproofError } from '../../model/index.ts';
import type { ListedFile, ListedSource } from '../store/service-types.ts';
import { matchesGlob } from './glob.ts';

export const RULE_FIELDS = ['source', 'binary', 'maintainer', 'component'] as const;
export type RuleField = (typeof RULE_FIELDS)[number];

/** Matches a file when each field that is given does: when any of its patterns is the whole of it. */
export type Rule = Readonly<Partial<Record<RuleField, readonly string[]>>>;

/**
 * What of a list is taken. A file that any `exclude` matches is left out. A source is taken, with all its other files, when
 * any `include` matches any of its files, or there are none: what is built in one go is judged together.
 */
export type Rules = { readonly include: readonly Rule[]; readonly exclude: readonly Rule[] };

/**
 * Reads a rule of one pattern as the command line has it: a pattern of source names, or FIELD:PATTERN.
 * Throws SETTINGS_INVALID.
 */
export function parseRule(text: string): Rule {
  const colon = text.indexOf(':');
  const field = colon === -1 ? 'source' : text.slice(0, colon);
  const pattern = text.slice(colon + 1);
  const known = RULE_FIELDS.find((name) => name === field);
  if (known !== undefined && pattern !== '') return { [known]: [pattern] };
  const shown = JSON.stringify(text.slice(0, 100));
  const message = `reading the rule ${shown}: it has to be a pattern of source names, or one of ${RULE_FIELDS.join(', ')}, a colon and a pattern`;
  throw new ReproofError('SETTINGS_INVALID', message);
}

/** What the rules leave of a source; undefined when that is nothing. */
export function applyRules(source: ListedSource, { include, exclude }: Rules): ListedSource | undefined {
  const files =
    exclude.length === 0
      ? source.files
      : source.files.filter((file) => !exclude.some((rule) => matchesRule(rule, source, file)));
  if (files.length === 0) return undefined;
  const isTaken = include.length === 0 || include.some((rule) => files.some((file) => matchesRule(rule, source, file)));
  if (!isTaken) return undefined;
  return files.length === source.files.length ? source : { ...source, files };
}

function matchesRule(rule: Rule, source: ListedSource, file: ListedFile): boolean {
  return (
    matchesAny(rule.source, [source.name]) &&
    matchesAny(rule.binary, [file.name]) &&
    matchesAny(rule.component, [file.component ?? '']) &&
    matchesAny(rule.maintainer, maintainerForms(rule, source.maintainer ?? ''))
  );
}

function matchesAny(patterns: readonly string[] | undefined, texts: readonly string[]): boolean {
  return patterns === undefined || patterns.some((pattern) => texts.some((text) => matchesGlob(pattern, text)));
}

/** The whole of "Name <address>", the name, and the address. */
function maintainerForms({ maintainer }: Rule, text: string): readonly string[] {
  if (maintainer === undefined) return [];
  const start = text.lastIndexOf('<');
  if (start === -1 || !text.endsWith('>')) return [text];
  return [text, text.slice(0, start).trimEnd(), text.slice(start + 1, -1)];
}
