import type { EcosystemId } from '../../model/index.ts';
import type { ListRequest } from '../ecosystem/index.ts';
import type { ImportCounts } from '../store/service-types.ts';
import type { Rules } from './rules.ts';

/** A list of published packages that is kept up to date under a name. */
export type SyncProfile = ListRequest &
  Rules & {
    readonly name: string;
    readonly distribution: EcosystemId;
    /** Inputs that are new are not begun before so many seconds. */
    readonly delaySeconds: number;
    /** Reads a Release file past its date, or older than the one before. */
    readonly allowExpired: boolean;
  };

/** What a sync is doing: `sources` is how many were read so far. */
export type SyncProgress =
  | { readonly kind: 'opening' }
  | { readonly kind: 'reading'; readonly sources: number }
  | { readonly kind: 'writing' }
  | { readonly kind: 'note'; readonly text: string };

/** What a sync ended in. `seconds` is its wall time. */
export type SyncOutcome =
  | { readonly kind: 'unchanged'; readonly profile: string; readonly seconds: number }
  | ({ readonly kind: 'synced'; readonly profile: string; readonly seconds: number } & ImportCounts);
