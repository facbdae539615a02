import { debianPurl } from '../../model/index.ts';
import { sortedBy } from '../order.ts';
import type { ArtifactContents, RelationField } from '../types.ts';
import { type Relation, readRelations } from './relations.ts';

/** A package that an artifact's control file names, in all its relations. */
export type Dependency = {
  readonly name: string;
  readonly purl: string;
  /** Known of what was built in alone: Built-Using names exact versions of sources. */
  readonly version?: string;
  readonly use: 'required' | 'optional' | 'built in';
  /** FIELD: CLAUSE, as in "Depends: libc6 (>= 2.34)"; sorted. */
  readonly relations: readonly string[];
};

const REQUIRED: readonly RelationField[] = ['Pre-Depends', 'Depends'];
const BUILT_IN: readonly RelationField[] = ['Built-Using', 'Static-Built-Using'];

/** What a package depends on, by purl; each package once. */
export function dependenciesOf(artifact: ArtifactContents): readonly Dependency[] {
  const byPurl = Map.groupBy(readRelations(artifact.relations), (relation) => debianPurl(packageOf(relation)));
  const dependencies = [...byPurl].map(([purl, relations]): Dependency => {
    const [first] = relations as [Relation, ...Relation[]];
    const { name, version } = packageOf(first);
    const fields = relations.map(({ field }) => field);
    const required = fields.some((field) => REQUIRED.includes(field));
    return {
      name,
      purl,
      ...(version === undefined ? {} : { version }),
      use: BUILT_IN.includes(first.field) ? 'built in' : required ? 'required' : 'optional',
      relations: relations.map(({ field, clause }) => `${field}: ${clause}`).sort(),
    };
  });
  return sortedBy(dependencies, ({ purl }) => purl);
}

function packageOf({ field, name, constraint }: Relation): {
  readonly name: string;
  readonly version?: string;
  readonly architecture?: string;
} {
  if (!BUILT_IN.includes(field)) return { name };
  const [, version] = /^= (.+)$/.exec(constraint ?? '') ?? [];
  return { name, architecture: 'source', ...(version === undefined ? {} : { version }) };
}
