import type { FileDigest } from '../../model/index.ts';
import { CYCLONEDX_TYPE, SPDX_TYPE, STATEMENT_TYPE, type Statement } from './types.ts';

/** An SBOM as a JSON value, of one of the two kinds that in-toto has predicates for. */
export type SbomDocument = { readonly kind: 'cyclonedx' | 'spdx'; readonly document: object };

/** The statement that an SBOM tells what is in a file, or in the environment that files were built in. */
export function sbomStatement(
  subjects: readonly Pick<FileDigest, 'name' | 'sha256'>[],
  { kind, document }: SbomDocument,
): Statement<object> {
  return {
    _type: STATEMENT_TYPE,
    subject: subjects.map(({ name, sha256 }) => ({ name, digest: { sha256 } })),
    predicateType: kind === 'cyclonedx' ? CYCLONEDX_TYPE : SPDX_TYPE,
    predicate: document,
  };
}
