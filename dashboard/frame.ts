/** What every page is drawn in: where it lies, and when. */
export type Frame = {
  /** Where routes are mounted: empty, or such as /amd64. */
  readonly basePath: string;
  /** The address people reach the base path at, without a slash at its end. */
  readonly publicUrl: string;
  /** This product's version. */
  readonly version: string;
  /** When the page is drawn: relative times are told from it. */
  readonly now: Date;
  /** Addresses of the assets under the base path. */
  readonly stylesheet: string;
  readonly icon: string;
  readonly islands: Readonly<Record<string, string>>;
};

/** Values of a query; what is undefined or empty is left out. */
export type Query = Readonly<Record<string, string | number | undefined>>;

/**
 * An address of ours: each segment is escaped, so that a name cannot lead elsewhere.
 * `link(frame, ['packages', 'debian', 'trixie', 'hello'])`.
 */
export function link(frame: Pick<Frame, 'basePath'>, segments: readonly string[], query: Query = {}): string {
  let path = frame.basePath;
  for (const one of segments) path += `/${segment(one)}`;
  return `${segments.length === 0 ? `${path}/` : path}${queryText(query)}`;
}

/** Where a word of the pages is explained: `anchor` is an id on /reading. */
export function explained(frame: Pick<Frame, 'basePath'>, anchor: string): string {
  return `${link(frame, ['reading'])}#${encoded(anchor)}`;
}

/** `?name=value&…`, or nothing. */
export function queryText(query: Query): string {
  let text = '';
  for (const name in query) {
    const value = query[name];
    if (value === undefined || value === '') continue;
    text += `${text === '' ? '?' : '&'}${encodeURIComponent(name)}=${encoded(String(value))}`;
  }
  return text;
}

/** `.` and `..` alone would be taken for the way up. */
function segment(text: string): string {
  return text === '.' || text === '..' ? text.replaceAll('.', '%252E') : encoded(text);
}

/** Most words need nothing of it. */
const UNRESERVED = /^[\w.~-]*$/;

function encoded(text: string): string {
  return UNRESERVED.test(text) ? text : encodeURIComponent(text.toWellFormed());
}
