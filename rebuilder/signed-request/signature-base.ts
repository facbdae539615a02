/** What a signature covers of a message: names of components and their values, in the order they are signed. */
export type Components = readonly (readonly [name: string, value: string])[];

/**
 * The bytes that are signed (RFC 9421, 2.5): a line for each component and a last one for the parameters, as they stand
 * in Signature-Input.
 */
export function signatureBase(components: Components, parameters: string): string {
  return [...components.map(([name, value]) => `"${name}": ${value}`), `"@signature-params": ${parameters}`].join('\n');
}

/** The value of @query: it begins with a question mark even where there is no query (RFC 9421, 2.2.7). */
export function queryComponent(query: string): string {
  return query === '' ? '?' : query;
}

/** A request's target, as its first line has it, in path and query; the query keeps its question mark. */
export function splitTarget(target: string): { readonly path: string; readonly query: string } {
  const start = target.indexOf('?');
  return start < 0 ? { path: target, query: '' } : { path: target.slice(0, start), query: target.slice(start) };
}
