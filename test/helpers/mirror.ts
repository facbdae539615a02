import type { Difference, FieldChange, Reason } from '../../model/index.ts';

/** What a comparison with its sides swapped must give: the same tree, every left in the place of its right. */
export function mirror(node: Difference): Difference {
  const { left, right, fields, diff, reasons, ...rest } = node;
  return {
    ...rest,
    path: right?.name ?? node.path,
    ...(right === undefined ? {} : { left: right }),
    ...(left === undefined ? {} : { right: left }),
    ...(fields === undefined ? {} : { fields: fields.map(swapped) }),
    ...(diff === undefined ? {} : { diff: mirrorDiff(diff) }),
    ...(reasons === undefined ? {} : { reasons: reasons.map(swapped) }),
    children: node.children.map(mirror),
  };
}

function swapped<Sided extends FieldChange | Reason>(sided: Sided): Sided {
  const { left, right, ...rest } = sided;
  return {
    ...rest,
    ...(right === undefined ? {} : { left: right }),
    ...(left === undefined ? {} : { right: left }),
  } as Sided;
}

/** Hunks with their sides swapped; removed lines stand before added ones, as diff -u has them. */
export function mirrorDiff(diff: string): string {
  const mirrored: string[] = [];
  let removed: string[] = [];
  let added: string[] = [];
  /** Where a line about a missing newline belongs. */
  let last: string[] = [];
  const flush = (): void => {
    mirrored.push(...added.map((line) => `-${line}`), ...removed.map((line) => `+${line}`));
    removed = [];
    added = [];
    last = [];
  };
  for (const line of diff.split('\n').slice(0, -1)) {
    if (line.startsWith('\\') && last.length > 0) last.push(`${last.pop()}\n${line}`);
    else if (line.startsWith('-') || line.startsWith('+')) {
      last = line.startsWith('-') ? removed : added;
      last.push(line.slice(1));
    } else {
      flush();
      mirrored.push(line.replace(/^@@ -(\S+) \+(\S+) @@$/, '@@ -$2 +$1 @@'));
    }
  }
  flush();
  return mirrored.map((line) => `${line}\n`).join('');
}
