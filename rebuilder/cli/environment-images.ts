import type { Engine } from '../engine/index.ts';

/** An environment that the engine holds as an image. */
export type EnvironmentImage = {
  readonly imageId: string;
  readonly lockDigest: string;
  readonly bytes: number;
  /** ISO 8601, UTC. */
  readonly lastUsedAt: string;
};

/** What the cache commands need to know of environments. */
export interface EnvironmentImages {
  list(engine: Engine): Promise<readonly EnvironmentImage[]>;
  remove(engine: Engine, image: EnvironmentImage): Promise<void>;
}

/** The images of one data folder. */
export function openEnvironmentImages(_data: string): EnvironmentImages {
  return { list: async () => [], remove: async () => {} };
}
