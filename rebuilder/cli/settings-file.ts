import { isMap, isScalar, LineCounter, parseDocument, type YAMLMap } from 'yaml';
import { ReproofError } from '../../model/index.ts';

/** A settings file as read: its plain value, and the line (from 1) that a path of keys stands on. */
export type SettingsFile = {
  readonly name: string;
  readonly value: Readonly<Record<string, unknown>>;
  readonly lineOf: (path: readonly PropertyKey[]) => number;
};

/** Reads a settings file's text as one YAML 1.2 map without aliases. Throws SETTINGS_INVALID with the file and the line. */
export function parseSettingsFile(name: string, text: string): SettingsFile {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, stringKeys: true });
  const fault = document.errors[0] ?? document.warnings[0];
  if (fault !== undefined) throw invalid(name, lines.linePos(fault.pos[0]).line, fault.message.split('\n')[0] ?? '');
  const root = document.contents;
  if (root === null) return { name, value: {}, lineOf: () => 1 };
  if (!isMap(root)) throw invalid(name, 1, 'the file has to be a map of settings, such as "data: /srv/reproof"');
  const lineOf = (path: readonly PropertyKey[]): number => {
    let map: unknown = root;
    let line = 1;
    for (const key of path) {
      const pair: YAMLMap['items'][number] | undefined = isMap(map)
        ? map.items.find((item) => isScalar(item.key) && item.key.value === key)
        : undefined;
      if (!isScalar(pair?.key) || pair.key.range == null) return line;
      line = lines.linePos(pair.key.range[0]).line;
      map = pair.value;
    }
    return line;
  };
  try {
    return { name, value: document.toJS({ maxAliasCount: 0 }), lineOf };
  } catch (cause) {
    throw invalid(name, 1, `${cause instanceof Error ? cause.message : cause}`);
  }
}

function invalid(name: string, line: number, why: string): ReproofError {
  return new ReproofError('SETTINGS_INVALID', `reading settings at ${name}:${line}: ${why}`, {
    context: { file: name, line },
  });
}
