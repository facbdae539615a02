type Nullable<T> = { [K in keyof T]: null extends T[K] ? K : never }[keyof T];

/** A row as the domain has it: absent where the column is null. */
export type WithoutNulls<T> = { readonly [K in Exclude<keyof T, Nullable<T>>]: T[K] } & {
  readonly [K in Nullable<T>]?: NonNullable<T[K]>;
};

export function withoutNulls<T extends Readonly<Record<string, unknown>>>(row: T): WithoutNulls<T> {
  const kept: Record<string, unknown> = {};
  for (const key of Object.keys(row)) if (row[key] !== null) kept[key] = row[key];
  return kept as WithoutNulls<T>;
}
