import type { Pruned, RetentionRules } from '../store/index.ts';

/** Which data folder and database rules are kept in. */
export type RetentionTask = {
  readonly dataFolder: string;
  /** The data folder, or postgres://…. */
  readonly database: string;
  readonly rules: RetentionRules;
};

/** What the child says at its end: one line of JSON on standard output. */
export type RetentionAnswer =
  | { readonly kind: 'done'; readonly pruned: Pruned }
  | { readonly kind: 'failed'; readonly code: string; readonly message: string };
