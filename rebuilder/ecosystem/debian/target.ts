import { PackageURL } from 'packageurl-js';
import { ReproofError, type TargetRequest } from '../../../model/index.ts';
import { isArchitecture, isPackageName } from './fields.ts';
import { isVersion } from './version.ts';

/** What the command line says beside the target itself. */
export type TargetOptions = { readonly suite?: string | undefined; readonly architecture?: string | undefined };

const SUITE = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/;
const EXAMPLE =
  'debian:less, debian:less=668-1, pkg:deb/debian/less@668-1, less_668-1.dsc or less_668-1_amd64.buildinfo';

/** True for what may stand as a suite's name under dists/: trixie, stable, trixie-security. */
export function isSuite(text: string): boolean {
  return text.length <= 64 && SUITE.test(text);
}

/**
 * Reads what a person asked to rebuild: debian:NAME[=VERSION], a purl of type deb (arch and distro understood), or a
 * path or http(s) URL that ends in .dsc or .buildinfo. Nothing is looked up. Throws TARGET_SYNTAX, naming the way out.
 */
export function parseTarget(text: string, options: TargetOptions = {}): TargetRequest {
  if (options.suite !== undefined && !isSuite(options.suite)) {
    throw syntax(options.suite, 'it is not the name of a suite; use one such as trixie, stable or trixie-security');
  }
  if (options.architecture !== undefined && !isArchitecture(options.architecture)) {
    throw syntax(options.architecture, 'it is not an architecture; use one such as amd64');
  }
  if (/[\x00-\x1f\x7f]/.test(text)) throw syntax(text, 'it holds a control character');
  const kind = documentKind(text);
  if (kind !== undefined) return { kind, ecosystem: 'debian', location: text, ...given(options) };
  if (text.startsWith('pkg:')) return fromPurl(text, options);
  if (text.startsWith('debian:')) return fromName(text, options);
  const bare = /^[^=]*/.exec(text)?.[0] ?? '';
  if (isPackageName(bare)) throw syntax(text, `it names no ecosystem; did you mean debian:${text.slice(0, 80)}?`);
  throw syntax(text, `use ${EXAMPLE}`);
}

function documentKind(text: string): 'dsc' | 'buildinfo' | undefined {
  const url = /^https?:\/\//.test(text) ? URL.parse(text) : undefined;
  if (url === null) return undefined;
  if (url === undefined && /^[a-z][a-z0-9+.-]*:/.test(text)) return undefined;
  const path = url?.pathname ?? text;
  if (/[^/]\.dsc$/.test(path)) return 'dsc';
  return /[^/]\.buildinfo$/.test(path) ? 'buildinfo' : undefined;
}

function fromName(text: string, options: TargetOptions): TargetRequest {
  const [name = '', ...rest] = text.slice('debian:'.length).split('=');
  return named(text, { name, version: rest.length === 0 ? undefined : rest.join('=') }, options);
}

function fromPurl(text: string, options: TargetOptions): TargetRequest {
  const purl = readPurl(text);
  if (purl.type !== 'deb' || purl.namespace !== 'debian') {
    throw syntax(text, 'only purls that begin with pkg:deb/debian/ can be rebuilt');
  }
  if (purl.subpath) throw syntax(text, 'a subpath has no meaning here; leave out what follows #');
  const { arch, distro } = purl.qualifiers ?? {};
  const suite = distro?.replace(/^debian-/, '');
  if (suite !== undefined && !isSuite(suite)) {
    throw syntax(text, 'its distro is not the name of a suite; use one such as distro=trixie');
  }
  // A source, and packages for every architecture, are built on any machine.
  const architecture = arch === 'source' || arch === 'all' ? undefined : arch;
  if (suite !== undefined && options.suite !== undefined && suite !== options.suite) {
    throw syntax(text, `it says ${suite}, but --suite says ${options.suite}; leave one of them out`);
  }
  if (architecture !== undefined && !isArchitecture(architecture))
    throw syntax(text, 'its arch is not an architecture');
  if (architecture !== undefined && options.architecture !== undefined && architecture !== options.architecture) {
    throw syntax(
      text,
      `it says ${architecture}, but --architecture says ${options.architecture}; leave one of them out`,
    );
  }
  const wanted = { name: purl.name, version: purl.version ?? undefined };
  return named(text, wanted, { suite: suite ?? options.suite, architecture: architecture ?? options.architecture });
}

function readPurl(text: string): PackageURL {
  try {
    return PackageURL.fromString(text);
  } catch (cause) {
    throw syntax(text, 'it is not a purl; use one such as pkg:deb/debian/less@668-1?arch=amd64&distro=trixie', cause);
  }
}

function named(
  text: string,
  wanted: { readonly name: string; readonly version: string | undefined },
  options: TargetOptions,
): TargetRequest {
  if (!isPackageName(wanted.name)) {
    throw syntax(text, 'package names are at least two of a-z, 0-9, + - . and begin with a letter or digit');
  }
  if (wanted.version !== undefined && !isVersion(wanted.version)) {
    throw syntax(text, 'what follows the name is not a Debian version; use one such as debian:less=668-1');
  }
  const version = wanted.version === undefined ? {} : { version: wanted.version };
  return { kind: 'name', ecosystem: 'debian', name: wanted.name, ...version, ...given(options) };
}

function given(options: TargetOptions): { readonly suite?: string; readonly architecture?: string } {
  return {
    ...(options.suite !== undefined && { suite: options.suite }),
    ...(options.architecture !== undefined && { architecture: options.architecture }),
  };
}

function syntax(text: string, why: string, cause?: unknown): ReproofError {
  const shown = text.length > 120 ? `${text.slice(0, 120)}…` : text;
  return new ReproofError('TARGET_SYNTAX', `reading target ${JSON.stringify(shown)}: ${why}`, { cause });
}
