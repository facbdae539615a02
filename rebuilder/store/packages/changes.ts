import type { Sha256 } from '../../../model/index.ts';
import type { ListedFile } from './types.ts';

/** A source package that is not seen yet; its files name it by its place in the list. */
export type NewSource = {
  readonly release: string;
  readonly name: string;
  readonly version: string;
  readonly component: string | null;
  readonly maintainer: string | null;
};

export type NewInput = {
  readonly key: Sha256;
  readonly release: string;
  readonly source: string;
  readonly version: string;
  readonly architecture: string;
  readonly component: string;
  readonly url: string | null;
};

/** A file that is not seen yet: of a source with an id, or of the n-th new one. */
export type NewFile = {
  readonly source: { readonly id: number } | { readonly added: number };
  /** Place of its input in `inputs`. */
  readonly input: number;
  readonly file: ListedFile;
};

/** All that an import has to write. What is unchanged is in none of it. */
export type Changes = {
  /** Of the profile when the comparison began; undefined where there was none of that name. */
  readonly revision: number | undefined;
  readonly sources: readonly NewSource[];
  readonly sourceChanges: readonly (Pick<NewSource, 'component' | 'maintainer'> & { readonly id: number })[];
  /** Those that files of `files` come from, whether stored already or not. */
  readonly inputs: readonly NewInput[];
  readonly files: readonly NewFile[];
  readonly fileChanges: readonly { readonly id: number; readonly file: ListedFile }[];
  /** Binary packages that others list already, and this profile now does too. */
  readonly publish: readonly number[];
  /** Binary packages that the profile lists no more. */
  readonly withdraw: readonly number[];
  readonly counts: { readonly sources: number; readonly files: number };
};
