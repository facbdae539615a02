import type { Published, TargetRequest, Unavailable } from '../../../model/index.ts';
import type { LocateContext } from '../types.ts';
import { ArchiveView } from './archive-view.ts';
import { locateBuildInfo } from './locate-buildinfo.ts';
import { locateDsc } from './locate-dsc.ts';
import { locateByName } from './locate-name.ts';

/**
 * Looks up all that a plan is made from, and brings the source into the cache. What cannot be had is a value; errors
 * are for wrong targets (TARGET_UNKNOWN), bytes that are not the ones named (FETCH_DIGEST_MISMATCH, DSC_INVALID,
 * BUILDINFO_INVALID, INDEX_MALFORMED), and as openSuite, openIndex and Fetcher throw.
 */
export async function locate(request: TargetRequest, context: LocateContext): Promise<Published | Unavailable> {
  const view = new ArchiveView(context);
  switch (request.kind) {
    case 'name':
      return locateByName(request, view, context);
    case 'dsc':
      return locateDsc(request, view, context);
    case 'buildinfo':
      return locateBuildInfo(request, view, context);
    default:
      return request satisfies never;
  }
}
