import type { Published, TargetRequest, Unavailable } from '../../../model/index.ts';
import type { LocateContext } from '../types.ts';
import type { ArchiveView } from './archive-view.ts';
import { checkOnly, publishedArtifact, runsFor } from './binaries.ts';
import { binaryRuns } from './binnmu.ts';
import { chooseSource } from './choose-source.ts';
import { bringFromArchive } from './source-files.ts';

/** Looks up a package by name: the source, what was published of it, and how it is built. See locate. */
export async function locateByName(
  request: Extract<TargetRequest, { kind: 'name' }>,
  view: ArchiveView,
  context: LocateContext,
): Promise<Published | Unavailable> {
  const asked = await view.suite(request.suite ?? 'stable');
  const suites = await view.withBase(asked);
  const architecture = request.architecture ?? context.hostArchitecture;
  const chosen = await chooseSource(request, { suite: asked, architecture, view });
  if (chosen.found === undefined) return view.unavailable('source', [`${chosen.source}=${chosen.version}`]);
  checkOnly(chosen.binaries, context.only);
  const brought = await bringFromArchive(chosen.found, view, context);
  if ('missing' in brought) return view.unavailable('source', brought.missing);
  const runs = await binaryRuns(chosen.binaries, {
    inferred: runsFor(brought.dsc.architectures),
    epochSeconds: brought.epochSeconds,
    context,
  });
  if ('missing' in runs) return view.unavailable('source', runs.missing);
  if (chosen.binaries.length === 0) {
    view.note(`${asked.suite} holds no binaries of ${chosen.source} ${chosen.version} for ${architecture}`);
  }
  return {
    target: {
      ecosystem: 'debian',
      source: chosen.source,
      version: brought.dsc.version,
      architecture,
      suite: asked.suite,
    },
    basis: 'inferred',
    source: brought.planned,
    artifacts: chosen.binaries.map(publishedArtifact),
    ...runs,
    indices: await Promise.all(suites.map((suite) => view.indices(suite, architecture))),
    verified: view.verified,
    notes: view.notes,
  };
}
