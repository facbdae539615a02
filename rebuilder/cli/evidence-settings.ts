import type { EvidenceSettings } from '../evidence/index.ts';
import type { Settings } from './settings.ts';

/** What evidence is signed with and what its log is called, from the settings. */
export function evidenceSettings({ keys, log }: Pick<Settings, 'keys' | 'log'>): EvidenceSettings {
  return { keys, ...(log.origin === undefined ? {} : { origin: log.origin }) };
}
