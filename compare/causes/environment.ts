import type { Reason } from '../../model/index.ts';
import { byBytes } from '../by-bytes.ts';
import { escapeText, shorten } from '../escape.ts';
import type { Cause } from './cause.ts';

const SHOWN_CHARACTERS = 200;
const LINE_CHARACTERS = 4_096;
/** As env(1), export and `declare -x` print them; what a makefile is given has blanks around the sign. */
const VARIABLE = new RegExp(
  `^\\s{0,80}(?:export |declare -x )?(${[
    'LANG|LANGUAGE|LC_[A-Z]{1,20}|TZ|HOME|USER|LOGNAME|USERNAME|HOSTNAME',
    'PATH|TMPDIR|TERM|MAKEFLAGS|DEB_BUILD_OPTIONS',
  ].join('|')})=(.*)$`,
);

/** An environment that a text holds, such as that of the build: variables that both sides have, of other values. */
export const environment: Cause = {
  id: 'environment',
  find({ pair, edits }) {
    const [old, now] = [new Map<string, string[]>(), new Map<string, string[]>()];
    for (const { leftFrom, leftTo, rightFrom, rightTo } of edits) {
      gather(pair.left.slice(leftFrom, leftTo), old);
      gather(pair.right.slice(rightFrom, rightTo), now);
    }
    const [left, right] = [valuesOf(old), valuesOf(now)];
    const names = [...left.keys()].filter((name) => right.has(name) && right.get(name) !== left.get(name));
    return names.length === 0 ? [] : [reasonOf(names.sort(byBytes), left, right)];
  },
};

function gather(lines: readonly string[], into: Map<string, string[]>): void {
  for (const line of lines) {
    const [, name, value = ''] = (line.length > LINE_CHARACTERS ? null : VARIABLE.exec(line)) ?? [];
    if (name === undefined) continue;
    const bare = value.replace(/^(["'])(.*)\1;?$/, '$2');
    const known = into.get(name);
    if (known === undefined) into.set(name, [bare]);
    else known.push(bare);
  }
}

type Values = ReadonlyMap<string, string>;

/** All values that a variable has, sorted: one that is set in another place is no other. */
function valuesOf(found: ReadonlyMap<string, readonly string[]>): Values {
  return new Map([...found].map(([name, values]) => [name, values.toSorted(byBytes).join(' ')]));
}

function reasonOf(names: readonly string[], left: Values, right: Values): Reason {
  const side = (values: Values): string =>
    shorten(escapeText(names.map((name) => `${name}=${values.get(name)}`).join(' ')), SHOWN_CHARACTERS);
  const evidence = `variables of an environment differ: ${names.join(' ')}`;
  return { kind: 'metadata', evidence, left: side(left), right: side(right) };
}
