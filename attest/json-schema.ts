/**
 * What a value of JSON may be: the part of JSON Schema (draft 2020-12) that our published schemas use, so that they
 * themselves are what is enforced, and a verifier starts without loading a library: docs/decisions/evidence-packs.md.
 * `is` is asked last of a string, for what no pattern says.
 */
export type JsonSchema = {
  readonly $defs?: Readonly<Record<string, JsonSchema>>;
  readonly $ref?: string;
  readonly type?: 'object' | 'array' | 'string' | 'number' | 'integer' | 'boolean';
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: false | JsonSchema;
  readonly propertyNames?: JsonSchema;
  readonly maxProperties?: number;
  readonly items?: JsonSchema;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  /** As a regular expression of Unicode (flag u), not anchored. */
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly is?: (text: string) => boolean;
};

/** An object with these members and no others, all of them required but those named in `optional`. */
export function strict(properties: Readonly<Record<string, JsonSchema>>, optional: readonly string[] = []): JsonSchema {
  const required = Object.keys(properties).filter((name) => !optional.includes(name));
  return { type: 'object', properties, required, additionalProperties: false };
}

/**
 * The first place where a value is not as a schema says, and why: `subject.0.name: it is too long`. Undefined where it is.
 * Nothing of the value is repeated. It has to be of JSON, and nested no deeper than its reader let it.
 */
export function faultIn(value: unknown, schema: JsonSchema): string | undefined {
  const fault = check(value, schema, schema);
  return fault === undefined ? undefined : `${fault.path.join('.') || 'the whole'}: ${fault.why}`;
}

type Fault = { readonly path: readonly (string | number)[]; readonly why: string };

function check(value: unknown, schema: JsonSchema, root: JsonSchema): Fault | undefined {
  if (schema.$ref !== undefined) return check(value, referred(schema.$ref, root), root);
  if (schema.const !== undefined && value !== schema.const) return fault('it is another value than the one it must be');
  if (schema.enum?.includes(value) === false) return fault('it is none of the values it may be');
  const fitting = (schema.anyOf ?? schema.oneOf)?.filter((one) => check(value, one, root) === undefined).length ?? 1;
  if (fitting === 0 || (schema.oneOf !== undefined && fitting > 1)) return fault('it is nothing that it may be');
  switch (schema.type) {
    case undefined:
      return undefined;
    case 'object':
      return isObject(value) ? checkObject(value, schema, root) : fault('it is no object');
    case 'array':
      return Array.isArray(value) ? checkArray(value, schema, root) : fault('it is no list');
    case 'string':
      return typeof value === 'string' ? checkString(value, schema) : fault('it is no text');
    case 'boolean':
      return typeof value === 'boolean' ? undefined : fault('it is neither true nor false');
    case 'integer':
      return Number.isSafeInteger(value) ? checkNumber(value as number, schema) : fault('it is no whole number');
    case 'number':
      return Number.isFinite(value) ? checkNumber(value as number, schema) : fault('it is no number');
  }
}

function checkObject(
  value: Readonly<Record<string, unknown>>,
  schema: JsonSchema,
  root: JsonSchema,
): Fault | undefined {
  const { properties = {}, additionalProperties: more = {}, propertyNames = {} } = schema;
  for (const name of schema.required ?? []) if (!Object.hasOwn(value, name)) return fault('it is missing', name);
  const names = Object.keys(value);
  if (names.length > (schema.maxProperties ?? Number.POSITIVE_INFINITY)) return fault('it has too many members');
  for (const name of names) {
    const known = Object.hasOwn(properties, name) ? properties[name] : more;
    if (known === undefined || known === false) return fault('it has a member that is not known');
    if (check(name, propertyNames, root) !== undefined) return fault('the name of a member is not as it must be');
    const found = check(value[name], known, root);
    if (found !== undefined) return { ...found, path: [name, ...found.path] };
  }
  return undefined;
}

function checkArray(value: readonly unknown[], schema: JsonSchema, root: JsonSchema): Fault | undefined {
  if (value.length < (schema.minItems ?? 0)) return fault('it has too few items');
  if (value.length > (schema.maxItems ?? Number.POSITIVE_INFINITY)) return fault('it has too many items');
  for (const [index, item] of value.entries()) {
    const found = check(item, schema.items ?? {}, root);
    if (found !== undefined) return { ...found, path: [index, ...found.path] };
  }
  return undefined;
}

function checkString(value: string, schema: JsonSchema): Fault | undefined {
  if (value.length < (schema.minLength ?? 0)) return fault('it is too short');
  if (value.length > (schema.maxLength ?? Number.POSITIVE_INFINITY)) return fault('it is too long');
  const isSpelled = schema.pattern === undefined || expression(schema.pattern).test(value);
  return isSpelled && schema.is?.(value) !== false ? undefined : fault('it is not spelled as it must be');
}

function checkNumber(value: number, schema: JsonSchema): Fault | undefined {
  const isIn =
    value >= (schema.minimum ?? Number.NEGATIVE_INFINITY) &&
    value <= (schema.maximum ?? Number.POSITIVE_INFINITY) &&
    value > (schema.exclusiveMinimum ?? Number.NEGATIVE_INFINITY);
  return isIn ? undefined : fault('it is too small or too large');
}

function referred(reference: string, { $defs = {} }: JsonSchema): JsonSchema {
  const name = reference.slice('#/$defs/'.length);
  const found = Object.hasOwn($defs, name) ? $defs[name] : undefined;
  if (found === undefined) throw new Error(`a schema refers to ${reference}, which it does not have`);
  return found;
}

const expressions = new Map<string, RegExp>();

function expression(pattern: string): RegExp {
  const made = expressions.get(pattern) ?? new RegExp(pattern, 'u');
  expressions.set(pattern, made);
  return made;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function fault(why: string, ...path: readonly string[]): Fault {
  return { path, why };
}
