import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Paragraph, parseParagraphs } from '../../../formats/index.ts';
import { isReproofError } from '../../../model/index.ts';

/** One address apt fetches from. `baseUrl` is http or https, without a trailing slash. */
export type AptSource = {
  readonly baseUrl: string;
  readonly suites: readonly string[];
  readonly components: readonly string[];
  /** Path of the keyring, when the source names exactly one. */
  readonly signedBy?: string;
};

export type AptSources = {
  readonly sources: readonly AptSource[];
  /** What was passed over, one line each. */
  readonly notes: readonly string[];
};

const MAX_FILE_BYTES = 1024 * 1024;
// apt reads no other names: sources.list(5).
const FILE_NAME = /^[A-Za-z0-9_.-]+\.(list|sources)$/;
const ONE_LINE = /^(deb|deb-src)[ \t]+(?:\[([^\]]*)\][ \t]*)?(\S+)[ \t]+(\S+)(?:[ \t]+(.*))?$/;
const NO = new Set(['no', 'false', 'without', 'off', 'disable', '0']);

type Collected = { sources: AptSource[]; notes: string[] };

function words(text: string | undefined): readonly string[] {
  return (text ?? '').split(/[ \t]+/).filter((word) => word !== '');
}

function addSource(into: Collected, where: string, source: AptSource): void {
  const url = source.baseUrl;
  if (!/^https?:\/\/[^/]/i.test(url) || !URL.canParse(url)) {
    into.notes.push(`${where}: passed over, only http and https are read: ${url.slice(0, 200)}`);
    return;
  }
  into.sources.push({ ...source, baseUrl: url.replace(/\/+$/, '') });
}

function signedByPath(value: string | undefined): { signedBy?: string } {
  return value !== undefined && /^\/[^\s,]+$/.test(value) ? { signedBy: value } : {};
}

function readOneLine(into: Collected, file: string, text: string): void {
  for (const [at, whole] of text.split('\n').entries()) {
    const line = (whole.split('#', 1)[0] ?? '').trim();
    if (line === '') continue;
    const where = `${file} line ${at + 1}`;
    const [, , options, url, suite, components] = ONE_LINE.exec(line) ?? [];
    if (url === undefined || suite === undefined) {
      into.notes.push(`${where}: passed over, not a line of sources.list(5)`);
      continue;
    }
    const signedBy = words(options).find((option) => /^signed-by=/i.test(option));
    addSource(into, where, {
      baseUrl: url,
      suites: [suite],
      components: words(components),
      ...signedByPath(signedBy?.slice('signed-by='.length)),
    });
  }
}

function readDeb822(into: Collected, file: string, bytes: Uint8Array): void {
  let paragraphs: readonly Paragraph[];
  try {
    paragraphs = parseParagraphs(bytes, { paragraphBytes: MAX_FILE_BYTES, fields: 100, comments: true, name: file });
  } catch (error) {
    if (!isReproofError(error, 'DEB822_SYNTAX', 'DEB822_LIMIT')) throw error;
    into.notes.push(`${file}: passed over: ${error.message}`);
    return;
  }
  for (const paragraph of paragraphs) {
    if (NO.has((paragraph.get('Enabled') ?? 'yes').toLowerCase())) continue;
    const where = `${file} line ${paragraph.line}`;
    const suites = words(paragraph.get('Suites'));
    const components = words(paragraph.get('Components'));
    const signedBy = signedByPath(paragraph.get('Signed-By'));
    for (const baseUrl of words(paragraph.get('URIs'))) {
      addSource(into, where, { baseUrl, suites, components, ...signedBy });
    }
  }
}

async function fileNames(aptFolder: string): Promise<readonly string[]> {
  const inFolder = await readdir(join(aptFolder, 'sources.list.d')).catch(() => []);
  const parts = inFolder.filter((name) => FILE_NAME.test(name)).sort();
  return ['sources.list', ...parts.map((name) => join('sources.list.d', name))];
}

/**
 * What apt on a machine fetches from: sources.list and sources.list.d of `aptFolder` (usually /etc/apt), both forms,
 * deb and deb-src alike, in apt's order. What is disabled is left out; what cannot be used (cdrom:, copy:, file:,
 * mirror+…:, malformed lines) is a note. A file that is not there holds nothing. Source: sources.list(5).
 */
export async function readAptSources(aptFolder: string): Promise<AptSources> {
  const collected: Collected = { sources: [], notes: [] };
  for (const name of await fileNames(aptFolder)) {
    const path = join(aptFolder, name);
    const size = await stat(path).then(
      (found) => (found.isFile() ? found.size : undefined),
      () => undefined,
    );
    if (size === undefined) continue;
    const bytes = size <= MAX_FILE_BYTES ? await readFile(path).catch(() => undefined) : undefined;
    if (bytes === undefined) collected.notes.push(`${name}: passed over, it cannot be read`);
    else if (name.endsWith('.sources')) readDeb822(collected, name, bytes);
    else readOneLine(collected, name, bytes.toString('utf8'));
  }
  return collected;
}
