import type { Ecosystem } from '../types.ts';
import { openList } from './list-published.ts';
import { locate } from './locate.ts';
import { plan } from './plan.ts';
import { parseTarget } from './target.ts';
import { compareVersions } from './version.ts';

export { DEVELOPER_KEYRINGS } from './clearsigned.ts';
export { SNAPSHOT_BASE } from './snapshot.ts';

/** Debian and archives laid out like it. */
export const debian: Ecosystem = { id: 'debian', parse: parseTarget, locate, list: openList, plan, compareVersions };
