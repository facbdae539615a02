import { realpath } from 'node:fs/promises';
import { hostname } from 'node:os';
import { sha256Of } from '../../model/index.ts';
import { ownerToken } from '../process-owner.ts';

/** The label of the data folder, and the one of the process. */
export const STORE = 'org.reproof.store';
export const OWNER = 'org.reproof.owner';
const ROLE = 'org.reproof.role';
const REBUILD = 'org.reproof.rebuild';

/** Whose a container or volume is: the process that made it, for which data folder, for what. */
export type Ownership = {
  /** Identifies the data folder, so that another installation on the same engine is left alone. */
  readonly store: string;
  readonly role: 'build' | 'install' | 'resolve' | 'measure';
  readonly rebuild?: string;
};

/** Names a data folder on an engine that several machines or folders may share: 32 hexadecimal digits. */
export async function storeIdentity(dataFolder: string): Promise<string> {
  return sha256Of(`${hostname()}\n${await realpath(dataFolder)}`).slice(0, 32);
}

/** The labels by which the next start recognises what a killed process left. */
export function labelsOf(owner: Ownership): Record<string, string> {
  return {
    [STORE]: owner.store,
    [OWNER]: ownerToken(),
    [ROLE]: owner.role,
    ...(owner.rebuild === undefined ? {} : { [REBUILD]: owner.rebuild }),
  };
}
