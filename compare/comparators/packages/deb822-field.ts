import type { Field } from '../../../formats/index.ts';
import type { FieldChange, Reason } from '../../../model/index.ts';
import { byBytes } from '../../by-bytes.ts';
import { shownText } from '../../shown-value.ts';
import { compareItems } from './item-list.ts';

export type FieldFindings = { readonly fields: FieldChange[]; readonly reasons: Reason[] };

/** Fields that list packages or people, parted by commas (Debian policy chapter 7, deb-buildinfo(5), dsc(5)). */
const LISTS =
  /^(?:pre-depends|depends|recommends|suggests|enhances|breaks|conflicts|provides|replaces|built-using|static-built-using|x-cargo-built-using|installed-build-depends|build-depends(?:-arch|-indep)?|build-conflicts(?:-arch|-indep)?|uploaders|tag|testsuite-triggers)$/;
/** Fields whose lines state digests of other files. */
const DIGESTS = /^(?:files|checksums-[a-z0-9]+|md5sum|sha1|sha256|sha512)$/;
const SHOWN_CHARACTERS = 2000;

/** True of a date that another build can never repeat, whatever it takes its dates from. */
export function isOfTheBuild(name: string): boolean {
  return name.toLowerCase() === 'build-date';
}

/** What differs in one field: lists by their items, text of many lines by its lines, all else as it is. */
export function compareField(name: string, left: Field | undefined, right: Field | undefined): FieldFindings {
  if (left?.raw === right?.raw && left?.name === right?.name) return { fields: [], reasons: [] };
  const lower = name.toLowerCase();
  const reasons: Reason[] = [];
  const isList = LISTS.test(lower);
  const [old, now] = [itemsOf(left, isList), itemsOf(right, isList)];
  const found = compareItems(old, now);
  if (found.reordered) reasons.push({ kind: 'order', evidence: `${name}: the same items in another order` });
  if (found.left.length + found.right.length === 0) {
    if (left === undefined || right === undefined) return { fields: [oneSided(name, left, right)], reasons };
    if (left.name !== right.name)
      return { fields: [{ name: `${name}, as it is written`, left: left.name, right: right.name }], reasons };
    if (!found.reordered) reasons.push({ kind: 'whitespace', evidence: `${name}: only blanks and line ends differ` });
    return { fields: [], reasons };
  }
  if (left !== undefined && right !== undefined) reasons.push(...whyOf(lower, found.left, found.right));
  const whole = found.left.length === old.length && found.right.length === now.length;
  const shown = (items: readonly string[], there: boolean): string | undefined =>
    there ? shownText(items.join(isList ? ', ' : '\n'), SHOWN_CHARACTERS) : undefined;
  const [one, other] = [shown(found.left, left !== undefined), shown(found.right, right !== undefined)];
  const change = {
    name: whole ? name : `${name}: what differs`,
    ...(one === undefined ? {} : { left: one }),
    ...(other === undefined ? {} : { right: other }),
  };
  return { fields: [change], reasons };
}

function oneSided(name: string, left: Field | undefined, right: Field | undefined): FieldChange {
  return { name, ...(left === undefined ? {} : { left: '' }), ...(right === undefined ? {} : { right: '' }) };
}

function itemsOf(field: Field | undefined, isList: boolean): readonly string[] {
  if (field === undefined) return [];
  const parts = isList ? field.raw.replaceAll('\n', ' ').split(',') : field.raw.split('\n');
  return parts.map((part) => part.trim().replace(/[ \t]+/g, ' ')).filter((part) => part !== '');
}

/** Why these items differ, as far as the field and the items say. */
function whyOf(lower: string, left: readonly string[], right: readonly string[]): readonly Reason[] {
  if (DIGESTS.test(lower)) return [{ kind: 'checksum', evidence: `${lower} states digests of other files` }];
  if (lower === 'installed-size')
    return [{ kind: 'metadata', evidence: 'installed-size follows from the installed files' }];
  // deb-buildinfo(5): it is of the build, not of the packages, and no other build has the same.
  if (isOfTheBuild(lower)) return [{ kind: 'metadata', evidence: `${lower} is when it was built` }];
  if (lower === 'build-ids') return [{ kind: 'build-id', evidence: 'build-ids follow from the files of the package' }];
  if (lower === 'build-path') return [{ kind: 'path', evidence: 'build-path is where it was built' }];
  if (lower === 'environment') return [otherVariables(left, right)];
  if (lower === 'version') return [{ kind: 'version-text', evidence: 'version is the version of the package' }];
  if (!LISTS.test(lower)) return [];
  // What else stands there, such as alternatives, architectures and profiles, has to be the same.
  const packages = (items: readonly string[]): string =>
    items.map((item) => item.replace(/ ?\([^()]*\)/g, '')).join('\n');
  if (packages(left) !== packages(right))
    return lower === 'installed-build-depends' ? installedOtherwise(left, right) : [];
  return [{ kind: 'version-text', evidence: `${lower}: the same packages with other versions` }];
}

/** Of what was installed each package stands alone in its version: those of both sides are told from those of one. */
function installedOtherwise(left: readonly string[], right: readonly string[]): readonly Reason[] {
  const nameOf = (item: string): string => item.replace(/ .*/s, '');
  const [old, now] = [new Set(left.map(nameOf)), new Set(right.map(nameOf))];
  const common = [...old].filter((name) => now.has(name)).length;
  const list = (items: readonly string[], others: ReadonlySet<string>): string =>
    shownText(items.filter((item) => !others.has(nameOf(item))).join(', ') || 'none', SHOWN_CHARACTERS);
  const other: Reason = {
    kind: 'version-text',
    evidence: `installed-build-depends: packages with other versions: ${common}`,
  };
  const alone: Reason = {
    kind: 'missing-or-extra',
    evidence: 'installed-build-depends: packages that were installed for one side only',
    left: list(left, now),
    right: list(right, old),
  };
  return common === 0 ? [alone] : [other, alone];
}

/** deb-buildinfo(5): variables that are known to affect a build, one a line. */
function otherVariables(left: readonly string[], right: readonly string[]): Reason {
  const names = [...new Set([...left, ...right].map((line) => line.replace(/=.*/s, '')))].sort(byBytes);
  const evidence = `variables of the build differ: ${shownText(names.join(' '), 200)}`;
  const side = (lines: readonly string[]): string => shownText(lines.join(' ') || 'none', SHOWN_CHARACTERS);
  return { kind: 'metadata', evidence, left: side(left), right: side(right) };
}
