import { z } from 'zod';
import { type PackageValues, packagePage } from '../../../dashboard/index.ts';
import { ReproofError } from '../../../model/index.ts';
import { ecosystems } from '../../ecosystem/index.ts';
import type { BuiltVersion } from '../../store/packages/types.ts';
import { given } from '../paging.ts';
import { word } from '../schemas/fields.ts';
import type { Pages, Site } from './site.ts';

const VERSIONS = 100;
const ATTEMPTS = 80;

const params = z.object({ distribution: word, release: word, name: word });

/** A source package in a release. `release`: `-` for none. */
export const packagePages: Pages = (app, site) => {
  const schema = { hide: true, params };
  app.get('/packages/:distribution/:release/:name', { onRequest: site.reader, schema }, async (request, reply) =>
    site.send(request, reply, packagePage(site.frame(request), await packageValues(site, request.params))),
  );
};

/** All that the page of a package shows. Throws RESOURCE_UNKNOWN. */
export async function packageValues(
  { store }: Pick<Site, 'store'>,
  { distribution, release: asked, name }: z.infer<typeof params>,
): Promise<PackageValues> {
  const release = asked === '-' ? undefined : asked;
  const everywhere = await store.packages.versions({ distribution, names: [name] });
  const here = everywhere.filter((one) => one.release === release).sort(newestFirst);
  const [first] = here.filter(({ seen }) => seen).concat(here);
  if (first === undefined)
    throw new ReproofError('RESOURCE_UNKNOWN', 'looking up a package: the release has no source package of this name');
  const versions = [...new Set(here.map(({ version }) => version))];
  const shown = new Set(versions.slice(0, VERSIONS));
  const results = await store.results.results(
    // A build belongs to the release it was first seen in, and may be listed in others.
    { distribution, name },
    { direction: 'descending', limit: ATTEMPTS },
  );
  const ids = here.filter(({ seen }) => seen).flatMap(({ resultId }) => resultId ?? []);
  const current = await store.results.resultsOf(ids);
  const { component, maintainer } = first;
  return {
    distribution,
    name,
    ...given({ release, component, maintainer }),
    builds: here.filter(({ version }) => shown.has(version)),
    olderVersions: versions.length - shown.size,
    attempts: results.records,
    attemptsTotal: results.total,
    causes: await store.results.causesOf(ids),
    details: new Map([...current].flatMap(([id, { detail }]) => (detail === undefined ? [] : [[id, detail]]))),
    alsoIn: [...new Set(everywhere.map((one) => one.release ?? '-'))].filter((one) => one !== asked).sort(),
  };
}

/** By version where both are versions, else by their text; then by architecture. */
function newestFirst(left: BuiltVersion, right: BuiltVersion): number {
  return compared(right.version, left.version) || (left.architecture < right.architecture ? -1 : 1);
}

function compared(left: string, right: string): number {
  try {
    return ecosystems.debian.compareVersions(left, right);
  } catch {
    return left < right ? -1 : left === right ? 0 : 1;
  }
}
