import { type Paragraph, parseParagraphs } from '../../../formats/index.ts';
import { type BuildInfo, isReproofError, ReproofError } from '../../../model/index.ts';
import { readClearsigned } from './clearsigned.ts';
import { checksums, isArchitecture, type Refuse, required, sourceField } from './fields.ts';
import { isPackageName } from './package-entry.ts';
import { isVersion } from './version.ts';

/** Enough for any .buildinfo seen; the longest name some thousands of installed packages. */
export const MAX_BUILDINFO_BYTES = 8 * 1024 * 1024;

const MAX_DEPENDS = 50_000;
const MAX_VARIABLES = 500;
// Nothing that a shell, a compiler's option parser or another path could read as more than a folder's name.
const BUILD_PATH = /^(\/(?!\.{1,2}(?:\/|$))[A-Za-z0-9._+~:@,=-]+)+$/;

/**
 * Reads a .buildinfo (deb-buildinfo(5)), clearsigned or not; only what stands inside the signed part is read. `name` is
 * its base name, for messages. Throws BUILDINFO_INVALID naming the field.
 */
export function parseBuildInfo(text: string, name: string): BuildInfo {
  const refuse: Refuse = (field, why) => {
    throw new ReproofError('BUILDINFO_INVALID', `reading ${field} of ${name}: ${why}`, { context: { name, field } });
  };
  const document = readClearsigned(text) ?? refuse('the OpenPGP armour', 'it is broken, or text stands outside it');
  const paragraph = onlyParagraph(document.payload, name, refuse);
  // A larger major number means a format that cannot be read by these rules (deb-buildinfo(5), Format).
  if (!/^1\.\d{1,3}$/.test(required(paragraph, 'Format', refuse))) refuse('Format', 'only 1.x can be read');
  const version = required(paragraph, 'Version', refuse);
  if (!isVersion(version)) refuse('Version', 'it is not a version');
  const source = sourceField(required(paragraph, 'Source', refuse)) ?? refuse('Source', 'it is not a package name');
  if (source.version !== undefined && !isVersion(source.version)) refuse('Source', 'its version is not a version');
  const architectures = required(paragraph, 'Architecture', refuse).split(/\s+/);
  if (!architectures.every(isArchitecture)) refuse('Architecture', 'it holds something else than architectures');
  const buildArchitecture = required(paragraph, 'Build-Architecture', refuse);
  if (!isArchitecture(buildArchitecture)) refuse('Build-Architecture', 'it is not an architecture');
  const buildPath = paragraph.get('Build-Path');
  if (buildPath !== undefined && (buildPath.length > 1024 || !BUILD_PATH.test(buildPath))) {
    refuse('Build-Path', 'it is not an absolute path of ordinary characters');
  }
  const origin = paragraph.get('Build-Origin');
  const changes = paragraph.lines('Binary-Only-Changes');
  return {
    source: source.name,
    sourceVersion: source.version ?? version,
    version,
    architectures,
    buildArchitecture,
    ...(buildPath !== undefined && { buildPath }),
    ...(origin !== undefined && { buildOrigin: origin }),
    ...(changes !== undefined && { binaryOnlyChanges: `${changes.join('\n')}\n` }),
    environment: environment(paragraph, refuse),
    installedBuildDepends: installedBuildDepends(paragraph, refuse),
    artifacts: checksums(paragraph, refuse),
    text,
  };
}

function installedBuildDepends(paragraph: Paragraph, refuse: Refuse): BuildInfo['installedBuildDepends'] {
  const field = 'Installed-Build-Depends';
  const entries = required(paragraph, field, refuse).replace(/,\s*$/, '').split(',');
  if (entries.length > MAX_DEPENDS) refuse(field, `it names more than ${MAX_DEPENDS} packages`);
  const packages = entries.map((entry) => {
    const shown = JSON.stringify(entry.trim().slice(0, 80));
    const match = /^([^\s:()]+)(?::([^\s:()]+))? \(= ([^\s()]+)\)$/.exec(entry.trim());
    const [, name = '', architecture, version = ''] = match ?? [];
    if (!isPackageName(name) || !isVersion(version)) refuse(field, `${shown} is not "name (= version)"`);
    if (architecture === undefined) return { name, version };
    return isArchitecture(architecture)
      ? { name, version, architecture }
      : refuse(field, `${shown} has no architecture`);
  });
  const keys = new Set(packages.map((item) => `${item.name}:${'architecture' in item ? item.architecture : ''}`));
  if (keys.size !== packages.length) refuse(field, 'it names a package twice');
  return packages;
}

/** NAME="value" by line; dpkg-genbuildinfo puts a backslash before each quote of a value, and before nothing else. */
function environment(paragraph: Paragraph, refuse: Refuse): Readonly<Record<string, string>> {
  const lines = (paragraph.lines('Environment') ?? []).filter((line) => line.trim() !== '');
  if (lines.length > MAX_VARIABLES) refuse('Environment', `it sets more than ${MAX_VARIABLES} variables`);
  const variables = new Map<string, string>();
  for (const line of lines) {
    const match = /^\s*([A-Za-z_][A-Za-z0-9_]*)="((?:[^"]|(?<=\\)")*)"$/.exec(line);
    const [, name = '', value = ''] = match ?? [];
    if (match === null) refuse('Environment', `${JSON.stringify(line.slice(0, 80))} is not NAME="value"`);
    if (variables.has(name)) refuse('Environment', `it sets ${name.slice(0, 80)} twice`);
    if (/[\x00-\x1f\x7f]/.test(value)) refuse('Environment', `${name.slice(0, 80)} holds a control character`);
    variables.set(name, value.replaceAll('\\"', '"'));
  }
  return Object.fromEntries([...variables].sort(([left], [right]) => (left < right ? -1 : 1)));
}

function onlyParagraph(payload: string, name: string, refuse: Refuse): Paragraph {
  try {
    const limits = { paragraphBytes: MAX_BUILDINFO_BYTES, fields: 500, paragraphs: 1, name };
    return parseParagraphs(Buffer.from(payload), limits)[0] ?? refuse('the text', 'it holds no field');
  } catch (error) {
    if (!isReproofError(error, 'DEB822_SYNTAX', 'DEB822_LIMIT')) throw error;
    throw new ReproofError('BUILDINFO_INVALID', error.message, { context: error.context, cause: error });
  }
}
