import { z } from 'zod';
import { type PackagesQuery, packagesPage, type Query } from '../../../dashboard/index.ts';
import { REASON_KINDS } from '../../../model/index.ts';
import type { PackageFilter } from '../../store/packages/types.ts';
import { given, originOf, readPart } from '../paging.ts';
import { word } from '../schemas/fields.ts';
import type { Pages, Site } from './site.ts';

const ROWS = 50;

/** A field of a form that was left empty says nothing. */
const field = <Value extends z.ZodType>(value: Value) =>
  z.preprocess((given) => (given === '' ? undefined : given), value.optional());

const packagesQuery = z.strictObject({
  name: field(word),
  maintainer: field(word),
  verdict: field(
    z.enum(['reproducible', 'not-reproduced', 'unreproducible', 'failed-to-build', 'inconclusive', 'none']),
  ),
  cause: field(z.enum(REASON_KINDS)),
  reason: field(word),
  distribution: field(word),
  release: field(word),
  architecture: field(word),
  blocks: field(z.enum(['yes'])),
  order: field(z.enum(['newest'])),
  cursor: field(z.string().max(300)),
});

type Asked = Omit<z.infer<typeof packagesQuery>, 'cursor'>;

/** The list of packages, and looking for some. */
export const packagesPages: Pages = (app, site) => {
  const schema = { hide: true, querystring: packagesQuery };
  app.get('/packages', { onRequest: site.reader, schema }, async (request, reply) => {
    const page = packagesPage(site.frame(request), await packagesFacts(site, request.query));
    return site.send(request, reply, page);
  });
};

/** All that a list of packages shows. */
export async function packagesFacts(
  read: Pick<Site, 'store'>,
  { cursor, ...query }: z.infer<typeof packagesQuery>,
): Promise<Parameters<typeof packagesPage>[1]> {
  const { packages } = read.store;
  const filter = filterOf(query);
  const part = { cursor, limit: ROWS, ...orderOf(query) };
  const found = await readPart(part, { name: 'packages', filter }, (page) => packages.sourcePackages(filter, page));
  return {
    query: given(query),
    total: found.total,
    rows: await withResults(read, found.records),
    next: found.next,
    later: cursor !== undefined,
    ...(await choices(read, query)),
    api: apiQuery(query),
  };
}

/** What a choice of a verdict is in the store: statuses, and the shown result's word. */
function verdictFilter({ verdict, reason }: Asked): Pick<PackageFilter, 'status' | 'verdict'> {
  switch (verdict) {
    case undefined:
      // What is reproducible has no reason: only the rest is looked at.
      return reason === undefined ? {} : { status: ['BAD', 'FAIL', 'UNKWN'] };
    case 'reproducible':
      return { status: ['GOOD'] };
    case 'not-reproduced':
      return { status: ['BAD'] };
    case 'unreproducible':
    case 'failed-to-build':
      return { status: ['BAD'], verdict };
    case 'inconclusive':
      return { status: ['FAIL', 'UNKWN'] };
    case 'none':
      return { status: ['none'] };
    default:
      return verdict satisfies never;
  }
}

function filterOf(query: Asked): PackageFilter {
  const { name, maintainer, cause, reason, blocks } = query;
  return {
    ...originOf(query),
    ...given({ nameStartsWith: name, maintainerHolds: maintainer, cause, reason }),
    ...verdictFilter(query),
    ...(blocks === 'yes' ? { regressed: true } : {}),
    seenOnly: true,
  };
}

function orderOf({ order }: Asked) {
  return order === 'newest'
    ? ({ sort: 'last_seen', direction: 'descending' } as const)
    : ({ sort: 'name', direction: 'ascending' } as const);
}

/** The same list in the API. */
function apiQuery(query: Asked): Query {
  const { name, maintainer, cause, reason, distribution, release, architecture, blocks } = query;
  const { status, verdict } = verdictFilter(query);
  return {
    'name-starts-with': name,
    'maintainer-holds': maintainer,
    status: status?.join(','),
    verdict,
    cause,
    reason,
    distribution,
    release,
    architecture,
    regressed: blocks === 'yes' ? 'true' : undefined,
    seen: 'true',
    ...orderOf(query),
  };
}

/** Rows with what their shown results say. */
async function withResults<Row extends { readonly resultId?: number }>(
  { store }: Pick<Site, 'store'>,
  rows: readonly Row[],
) {
  const ids = rows.flatMap(({ resultId }) => resultId ?? []);
  const results = await store.results.resultsOf(ids);
  const causes = await store.results.causesOf(ids);
  return rows.map((row) => {
    const result = results.get(row.resultId ?? 0);
    const { verdict, reason, builtAt } = result ?? {};
    return { ...row, ...given({ verdict, reason, builtAt }), causes: causes.get(row.resultId ?? 0) ?? [] };
  });
}

/** What the form offers: what there is. */
async function choices({ store: { packages } }: Pick<Site, 'store'>, { distribution }: PackagesQuery) {
  const places = await packages.places();
  const asked = places.filter((place) => distribution === undefined || place.distribution === distribution);
  return {
    distributions: [...new Set(places.map((place) => place.distribution))].sort(),
    releases: [...new Set(asked.map(({ release }) => release ?? '-'))].sort(),
    architectures: [...new Set(asked.map(({ architecture }) => architecture))].sort(),
  };
}
