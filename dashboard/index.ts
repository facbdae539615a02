/**
 * The dashboard's pages: functions from values of the API to HTML. Nothing here reads a store, a clock or a file.
 *
 * To add a page:
 * 1. `pages/NAME.ts`: a function `(frame, values) => Page`, made of `el()` and the parts; export it below.
 * 2. `style/NAME.css`, where the parts' styles do not do: it is found by itself. Colours only from `style/tokens.css`.
 * 3. `islands/NAME.ts`, where it is quicker with JavaScript: plain DOM, no import of a package; a page names it in
 *    `islands: ['NAME']`, and works without. Islands may import each other as './other.ts'.
 * 4. `rebuilder/server/dashboard/NAME.ts`: `export const NAMEPages: Pages = (app, site) => …`, and one line in that
 *    folder's index.
 *
 * What comes from outside goes into `el()` as text, and is escaped and made visible there; into addresses by `link()`.
 */
export {
  childrenPart,
  type DifferenceValues,
  differencePage,
  nodePart,
  piecePart,
} from './differences/difference-page.ts';
export { differenceListPage, type ListedTree } from './differences/list-page.ts';
export type { NodePlace } from './differences/node.ts';
export { differenceTextPage } from './differences/text-page.ts';
export type { ShownNode, TreeOf } from './differences/values.ts';
export { explained, type Frame, link, type Query, queryText } from './frame.ts';
export { type Attributes, type Child, type Element, el } from './h.ts';
export { inertText } from './inert.ts';
export { type Alternate, type Page, renderPage, renderPart, type Section } from './layout.ts';
export * from './operator/index.ts';
export { errorPage, type ToldFailure } from './pages/error.ts';
export { type ComparedIn, type HashFacts, hashFormPage, hashPage, type PublishedAs } from './pages/hash.ts';
export { type HostFacts, type HostForm, type HostRow, hostFormPage, hostPage } from './pages/host.ts';
export { type OverviewValues, overviewPage } from './pages/overview.ts';
export type { PlaceCounts } from './pages/overview-place.ts';
export { type PackageValues, packagePage } from './pages/package.ts';
export { type PackagesQuery, packagesPage } from './pages/packages.ts';
export { readingPage } from './pages/reading.ts';
export { jobPage } from './rebuild/job-page.ts';
export { LINES_BEFORE, logPage, logPart } from './rebuild/log-page.ts';
export { rebuildPage } from './rebuild/rebuild-page.ts';
export type { RebuildValues } from './rebuild/values.ts';
