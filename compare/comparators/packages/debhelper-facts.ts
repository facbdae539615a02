import type { Fact } from '../documents/facts.ts';

/** The comments that debhelper leaves in what it adds to: which of its programs, of which version. */
const ADDED = /^# (?:Automatically|Triggers) added by (dh_[a-z0-9_]{1,60})\/(\S{1,60})$/gm;

/** The programs that added something, each once with the version it names. */
export function debhelperFacts(text: string): readonly Fact[] {
  const facts = new Map<string, Fact>();
  for (const [, name = '', value = ''] of text.matchAll(ADDED))
    facts.set(`${name} ${value}`, { name: `added by ${name}`, value, program: true });
  return [...facts.values()];
}
