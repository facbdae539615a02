import { sortedBy } from '../order.ts';
import { RELATION_FIELDS, type RelationField } from '../types.ts';

/** One package that a relation field names. */
export type Relation = {
  readonly field: RelationField;
  readonly name: string;
  /** The architecture that qualifies the name (deb-control(5)): any, native or one of dpkg's. */
  readonly qualifier?: string;
  /** Such as ">= 2.34"; absent where any version will do. */
  readonly constraint?: string;
  /** The whole clause with the alternatives to this package, white space made single; of a very long one this part alone. */
  readonly clause: string;
};

/** Relations of one control file; further ones are left out. No package comes near. */
const MOST_RELATIONS = 10_000;
/** Each alternative of a clause repeats it. */
const CLAUSE_CHARACTERS = 2048;
const MOST_CHARACTERS = 2_000_000;
const RELATION =
  /^([a-z0-9][a-z0-9+.-]*)(?::([a-z0-9][a-z0-9-]*))? ?(?:\( ?(<<|<=|=|>=|>>|<|>) ?([0-9A-Za-z.+~:-]+) ?\))?$/;

/**
 * The packages that a control file's relations name, by field, name and clause (deb-control(5), Debian Policy 7.1).
 * What is no relation is left out: it says nothing that a program can use.
 */
export function readRelations(fields: Readonly<Partial<Record<RelationField, string>>>): readonly Relation[] {
  const found = RELATION_FIELDS.flatMap((field) => relationsOf(field, fields[field] ?? '')).slice(0, MOST_RELATIONS);
  const keyed = new Map(found.map((relation) => [`${relation.field}\n${relation.name}\n${relation.clause}`, relation]));
  return sortedBy([...keyed.entries()], ([key]) => key).map(([, relation]) => relation);
}

function relationsOf(field: RelationField, text: string): readonly Relation[] {
  const clauses = text.slice(0, MOST_CHARACTERS).split(',', MOST_RELATIONS);
  return clauses.flatMap((written) => {
    const clause = written.replace(/\s+/g, ' ').trim();
    return clause.split('|', MOST_RELATIONS).flatMap((part) => {
      const alternative = part.trim();
      const [, name, qualifier, operator, version] = RELATION.exec(alternative) ?? [];
      if (name === undefined) return [];
      const relation: Relation = {
        field,
        name,
        ...(qualifier === undefined ? {} : { qualifier }),
        ...(operator === undefined ? {} : { constraint: `${operator} ${version}` }),
        clause: clause.length > CLAUSE_CHARACTERS ? alternative : clause,
      };
      return [relation];
    });
  });
}
