import type { FieldChange, Reason } from '../../../model/index.ts';
import { escapeName, shorten } from '../../escape.ts';
import { byBytes } from '../../pairing.ts';
import type { TextPair } from './dwarf-folders.ts';

const SHOWN = 500;

/** What a compiler writes about itself, taken apart: GCC adds the options it was given. */
type Producer = { readonly compiler: string; readonly options: readonly string[] };

function readProducer(text: string): Producer {
  const [compiler = '', ...rest] = text.split(/ (?=-)/);
  return { compiler, options: rest };
}

export type ProducerFindings = {
  readonly fields: readonly FieldChange[];
  readonly reasons: readonly Reason[];
  /** Folders that stand in options, opposite each other. */
  readonly folders: readonly TextPair[];
};

/** How two producers differ: the compiler, and which options only one of them was given. `of` says whose they are. */
export function compareProducers({ left, right }: TextPair, of: string): ProducerFindings {
  const [old, now] = [readProducer(left), readProducer(right)];
  const fields: FieldChange[] = [];
  const reasons: Reason[] = [];
  if (old.compiler !== now.compiler) {
    const sides = { left: shown(old.compiler), right: shown(now.compiler) };
    fields.push({ name: `compiler ${of}`, ...sides });
    reasons.push({ kind: 'version-text', evidence: 'what the compiler says of itself in debug information', ...sides });
  }
  const [gone, added] = [without(old.options, now.options), without(now.options, old.options)];
  if (gone.length + added.length === 0) {
    if (old.options.join(' ') !== now.options.join(' '))
      reasons.push({ kind: 'order', evidence: 'the same options of the compiler in another order' });
    return { fields, reasons, folders: [] };
  }
  const sides = { left: shown(gone.join(' ')), right: shown(added.join(' ')) };
  fields.push({ name: `options ${of}`, ...sides });
  const names = [...new Set([...gone, ...added].map(nameOf))].sort(byBytes).map(escapeName);
  const inFolders = names.every((name) => /(?:-prefix-map|^-I|^-fdebug-compilation-dir)$/.test(name));
  const evidence = `options of the compiler differ: ${shorten(names.join(' '), 200)}`;
  reasons.push({ kind: inFolders ? 'path' : 'metadata', evidence, ...sides });
  const folders =
    inFolders && gone.length === added.length ? gone.map((one, index) => folderPair(one, added[index])) : [];
  return { fields, reasons, folders: folders.filter((pair) => pair !== undefined) };
}

function shown(text: string): string {
  return shorten(escapeName(text), SHOWN);
}

/** -fdebug-prefix-map=a=b and -march=native without what stands after the first equals sign. */
function nameOf(option: string): string {
  return option.split('=', 1)[0] ?? option;
}

/** The folders that two options of one name exchange: what stands between their first and last equals sign. */
function folderPair(left: string, right: string | undefined): TextPair | undefined {
  const [old, now] = [left, right ?? ''].map((option) => option.slice(option.indexOf('=') + 1).replace(/=[^=]*$/, ''));
  return right === undefined || nameOf(left) !== nameOf(right) ? undefined : { left: old ?? '', right: now ?? '' };
}

function without(options: readonly string[], others: readonly string[]): readonly string[] {
  const known = new Set(others);
  return options.filter((option) => !known.has(option));
}
