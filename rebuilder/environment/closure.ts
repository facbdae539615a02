/** The relations of one binary package that decide the order of installation, as in its control file. */
export type PackageRelations = {
  readonly name: string;
  readonly essential: boolean;
  readonly preDepends: string;
  readonly depends: string;
  readonly provides: string;
};

/** The names of a relation field: one list of alternatives for each comma (deb-control(5)); versions and qualifiers dropped. */
export function alternativesOf(field: string): readonly (readonly string[])[] {
  return field
    .split(',')
    .map((group) => group.split('|').map((alternative) => alternative.trim().split(/[\s(:[<]/)[0] ?? ''))
    .filter((group) => group[0] !== '');
}

type PackageMap = {
  readonly byName: ReadonlyMap<string, PackageRelations>;
  readonly providers: ReadonlyMap<string, readonly string[]>;
};

function mapOf(packages: readonly PackageRelations[]): PackageMap {
  const providers = new Map<string, string[]>();
  for (const item of packages) {
    for (const [name] of alternativesOf(item.provides)) {
      if (name === undefined) continue;
      const known = providers.get(name);
      if (known === undefined) providers.set(name, [item.name]);
      else known.push(item.name);
    }
  }
  return { byName: new Map(packages.map((item) => [item.name, item])), providers };
}

function resolve(alternatives: readonly string[], map: PackageMap): readonly string[] {
  for (const name of alternatives) {
    if (map.byName.has(name)) return [name];
    const providers = map.providers.get(name);
    if (providers !== undefined) return providers.slice(0, 1);
  }
  // Not in this set: dpkg has the last word when it configures.
  return [];
}

/**
 * `roots` and everything they need, within `packages`: depends and pre-depends, first alternative that is there, first
 * provider of a virtual name. It decides no versions: the set was chosen by the suite's own package manager.
 */
export function closureOf(roots: readonly string[], packages: readonly PackageRelations[]): ReadonlySet<string> {
  const map = mapOf(packages);
  const seen = new Set<string>();
  const open = [...roots];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    const item = map.byName.get(name);
    if (item === undefined || seen.has(name)) continue;
    seen.add(name);
    for (const field of [item.preDepends, item.depends]) {
      for (const alternatives of alternativesOf(field)) {
        if (!alternatives.some((alternative) => seen.has(alternative))) open.push(...resolve(alternatives, map));
      }
    }
  }
  return seen;
}

/** The names of what is marked Essential: yes, and everything that needs (Debian Policy 3.8). */
export function essentialClosure(packages: readonly PackageRelations[]): ReadonlySet<string> {
  return closureOf(
    packages.filter((item) => item.essential).map((item) => item.name),
    packages,
  );
}

/**
 * Splits packages into batches: all of a batch can be unpacked at once because whatever it pre-depends on
 * (Debian Policy 7.2) was configured in an earlier batch. Order within a batch is the given one.
 */
export function installBatches(packages: readonly PackageRelations[]): readonly (readonly string[])[] {
  const map = mapOf(packages);
  const wanted = packages.flatMap((item) =>
    alternativesOf(item.preDepends).flatMap((alternatives) => resolve(alternatives, map)),
  );
  const first = closureOf(wanted, packages);
  if (first.size === 0 || first.size === packages.length)
    return packages.length === 0 ? [] : [packages.map((item) => item.name)];
  const early = packages.filter((item) => first.has(item.name));
  const late = packages.filter((item) => !first.has(item.name));
  return [...installBatches(early), late.map((item) => item.name)];
}
