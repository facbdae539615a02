import { isMap, isScalar, type Node, parseDocument, visit } from 'yaml';

/**
 * The value of a text in YAML 1.2's core schema, of what has one meaning only: one document, no key twice, no anchor,
 * alias or tag. Throws Error with a reason for anything else.
 */
export function parsePlainYaml(text: string): unknown {
  const document = parseDocument(text, { version: '1.2', schema: 'core', strict: true, uniqueKeys: true });
  const problem = document.errors[0] ?? document.warnings[0];
  if (problem !== undefined) throw new Error(`it is no YAML: ${problem.message.split('\n')[0]}`);
  visit(document, {
    Alias: () => {
      throw new Error('it has an alias (*), which is not read here');
    },
    Node: (_key, node: Node) => {
      if ((isScalar(node) || isMap(node)) && node.anchor !== undefined)
        throw new Error('it has an anchor (&), which is not read here');
      if (node.tag?.startsWith('!') === true) throw new Error('it has a tag (!), which is not read here');
    },
  });
  return document.toJS({ maxAliasCount: 0 });
}
