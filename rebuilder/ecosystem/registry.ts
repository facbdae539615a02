import type { EcosystemId } from '../../model/index.ts';
import { debian } from './debian/index.ts';
import type { Ecosystem } from './types.ts';

/** Every ecosystem there is; an id without a line here does not compile. */
export const ecosystems: Readonly<Record<EcosystemId, Ecosystem>> = { debian };
