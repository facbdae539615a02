import { sha256Of } from '../../model/index.ts';
import { byText } from '../order.ts';

/** Licences as one SPDX expression; `references` are the names in it that SPDX's list does not have. */
export type LicenceExpression = {
  readonly expression: string;
  readonly references: readonly { readonly id: string; readonly name: string }[];
};

const MOST_LICENCES = 1000;
const MOST_CHARACTERS = 1000;

/** Short names of DEP-5 and of common use, lower case, and SPDX's identifiers for the same texts. */
const NAMES: Readonly<Record<string, string>> = {
  'apache-1.0': 'Apache-1.0',
  'apache-1.1': 'Apache-1.1',
  'apache-2': 'Apache-2.0',
  'apache-2.0': 'Apache-2.0',
  'artistic-1.0': 'Artistic-1.0',
  'artistic-2': 'Artistic-2.0',
  'artistic-2.0': 'Artistic-2.0',
  'bsd-2-clause': 'BSD-2-Clause',
  'bsd-3-clause': 'BSD-3-Clause',
  'bsd-4-clause': 'BSD-4-Clause',
  'bsl-1.0': 'BSL-1.0',
  cc0: 'CC0-1.0',
  'cc0-1.0': 'CC0-1.0',
  'cddl-1.0': 'CDDL-1.0',
  'cpl-1.0': 'CPL-1.0',
  curl: 'curl',
  'efl-2': 'EFL-2.0',
  'efl-2.0': 'EFL-2.0',
  'epl-1.0': 'EPL-1.0',
  'epl-2.0': 'EPL-2.0',
  expat: 'MIT',
  ftl: 'FTL',
  isc: 'ISC',
  'lppl-1.3c': 'LPPL-1.3c',
  mit: 'MIT',
  'mpl-1.1': 'MPL-1.1',
  'mpl-2.0': 'MPL-2.0',
  'ofl-1.1': 'OFL-1.1',
  openssl: 'OpenSSL',
  'psf-2': 'PSF-2.0',
  'psf-2.0': 'PSF-2.0',
  'qpl-1.0': 'QPL-1.0',
  unlicense: 'Unlicense',
  w3c: 'W3C',
  'wtfpl-2': 'WTFPL',
  x11: 'X11',
  zlib: 'Zlib',
  'zpl-2.1': 'ZPL-2.1',
};

/** GNU's licences: version and suffix are written otherwise in SPDX's list. */
const GNU: Readonly<Record<string, readonly string[]>> = {
  gpl: ['1.0', '2.0', '3.0'],
  lgpl: ['2.0', '2.1', '3.0'],
  agpl: ['3.0'],
  gfdl: ['1.1', '1.2', '1.3'],
  'gfdl-niv': ['1.1', '1.2', '1.3'],
};
const GNU_NAME = /^(a?gpl|lgpl|gfdl|gfdl-niv)-([0-9](?:\.[0-9])?)(\+|-only|-or-later)?$/;
const CREATIVE_COMMONS = /^cc-by(?:-nc)?(?:-sa|-nd)?-(?:1\.0|2\.0|2\.5|3\.0|4\.0)$/;

/**
 * What the licences of a package's sets of files are together: all of them apply, each to its own files. Undefined for
 * none. Source of the grammar: machine-readable debian/copyright 1.0, "Syntax" and "Short name".
 */
export function licenceExpression(licences: readonly string[]): LicenceExpression | undefined {
  const references = new Map<string, string>();
  const terms = [...new Set(licences)]
    .sort(byText)
    .slice(0, MOST_LICENCES)
    .map((licence) => translate(licence, references));
  const known = [...new Set(terms.filter((term) => term !== ''))].sort(byText);
  if (known.length === 0) return undefined;
  const expression = known
    .map((term) => (known.length > 1 && term.includes(' OR ') ? `(${term})` : term))
    .join(' AND ');
  const named = [...references].sort(([left], [right]) => byText(left, right));
  return { expression, references: named.map(([id, name]) => ({ id, name })) };
}

/** "and" binds closer than "or", but what stands before a comma stands together. */
function translate(text: string, references: Map<string, string>): string {
  const licence = text.replace(/\s+/g, ' ').trim();
  if (licence === '') return '';
  if (licence.length > MOST_CHARACTERS) return reference(licence, references);
  const parts = licence.split(/ ?, ?(and|or) /i);
  const groups = parts.filter((_part, index) => index % 2 === 0).map((part) => alternatives(part, references));
  const operators = parts.filter((_part, index) => index % 2 === 1).map((word) => word.toUpperCase());
  return groups
    .map((group, index) => {
      const alone = groups.length === 1 || !group.includes(' ');
      return `${index === 0 ? '' : ` ${operators[index - 1]} `}${alone ? group : `(${group})`}`;
    })
    .join('');
}

function alternatives(text: string, references: Map<string, string>): string {
  const each = text.split(/ or /i).map((alternative) =>
    alternative
      .split(/ and /i)
      .map((name) => identifier(name.trim(), references))
      .join(' AND '),
  );
  return each.join(' OR ');
}

function identifier(name: string, references: Map<string, string>): string {
  const key = name.toLowerCase();
  if (Object.hasOwn(NAMES, key)) return NAMES[key] as string;
  if (CREATIVE_COMMONS.test(key)) return key.toUpperCase();
  const [, family = '', version = '', suffix] = GNU_NAME.exec(key) ?? [];
  const full = version.includes('.') ? version : `${version}.0`;
  if (!GNU[family]?.includes(full)) return reference(name, references);
  const end = suffix === undefined || suffix === '-only' ? 'only' : 'or-later';
  if (family === 'gfdl-niv') return `GFDL-${full}-no-invariants-${end}`;
  return `${family.toUpperCase()}-${full}-${end}`;
}

/** A name of ours for a licence that SPDX's list does not name; two licences never share one. */
function reference(name: string, references: Map<string, string>): string {
  const plain = name.replace(/[^A-Za-z0-9.-]+/g, '-').replace(/^-+|-+$/g, '');
  const id =
    plain === name && name.length <= 64
      ? `LicenseRef-Debian-${name}`
      : `LicenseRef-Debian-${plain.slice(0, 40)}-${sha256Of(name).slice(0, 8)}`;
  references.set(id, name.slice(0, MOST_CHARACTERS));
  return id;
}
