import type { Published, TargetRequest, Unavailable } from '../../../../../model/index.ts';
import { ecosystems, type LocateContext } from '../../../../../rebuilder/ecosystem/index.ts';
import { newFetcher } from '../../../fetch/support.ts';
import type { SmallArchive } from './small-archive.ts';

export type More = Partial<LocateContext> & { readonly suite?: string; readonly architecture?: string };

/** Locates a target in a small archive, through a fetcher and a cache of its own. */
export async function lookIn(
  archive: SmallArchive,
  target: string | TargetRequest,
  { suite, architecture, ...more }: More = {},
): Promise<Published | Unavailable> {
  const request = typeof target === 'string' ? ecosystems.debian.parse(target, { suite, architecture }) : target;
  return ecosystems.debian.locate(request, await archive.context(await newFetcher({ tries: 1 }), more));
}

/** The same for what must be there. */
export async function findIn(
  archive: SmallArchive,
  target: string | TargetRequest,
  more: More = {},
): Promise<Published> {
  const result = await lookIn(archive, target, more);
  if ('kind' in result) throw new Error(`unavailable: ${result.missing.join(', ')}`);
  return result;
}
