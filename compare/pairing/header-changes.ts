import type { FieldChange, Reason, ReasonKind } from '../../model/index.ts';
import { byBytes } from '../by-bytes.ts';

/** A pair of members of equal content whose headers differ in `changed`. */
export type HeaderChange = { readonly name: string; readonly changed: readonly FieldChange[] };

const KINDS: readonly (readonly [RegExp, ReasonKind])[] = [
  [/(?:^|[ .-])(?:[abcm]time|date|time|modified|created)$/i, 'timestamp'],
  [/ \((?:NTFS )?times\)$/, 'timestamp'],
  [/(?:^| )level$/, 'compression'],
  [/(?:^| )(?:mode|permissions)$/i, 'mode'],
  [/(?:^| )(?:[ug]id|[ug]name|user|group|owner)$/i, 'owner'],
];

/** What a member is, beside its content: where one of these differs, no other member stands for it. */
const OF_ITS_OWN: ReadonlySet<string> = new Set(['type', 'linkname', 'hard link to', 'rdevice']);
/** Other values mean something else here (a set-user-ID bit, another owner): members are told by them, up to so many. */
const VALUED: ReadonlySet<ReasonKind> = new Set(['mode', 'owner']);
const VALUES_TOLD = 20;

/** Members of equal content by what differs in their headers: those of one group may be told by one of them. */
export function alikeInHeaders<Change extends HeaderChange>(
  changes: readonly Change[],
): readonly (readonly Change[])[] {
  const byNames = Map.groupBy(changes, ({ changed }) => changed.map(({ name }) => name).join('\n'));
  return [...byNames.values()].flatMap((some) => {
    if (some[0]?.changed.some(({ name }) => OF_ITS_OWN.has(name))) return some.map((change) => [change]);
    return byValues(some, ({ changed }) => changed);
  });
}

/** `some` by the values of those of their fields whose values matter; all together where there are too many of them. */
function byValues<Item>(
  some: readonly Item[],
  fieldsOfItem: (item: Item) => readonly FieldChange[],
): readonly (readonly Item[])[] {
  const groups = Map.groupBy(some, (item) => {
    const valued = fieldsOfItem(item).filter(({ name }) => VALUED.has(kindOf(name)));
    return JSON.stringify(valued.map(({ left = '', right = '' }) => [left, right]));
  });
  return groups.size > VALUES_TOLD ? [some] : [...groups.values()];
}

function kindOf(name: string): ReasonKind {
  return KINDS.find(([pattern]) => pattern.test(name))?.[1] ?? 'metadata';
}

/** A field beside those that every header has, which says the same at length. */
function isExtra(name: string): boolean {
  return /^(?:local )?extra /.test(name);
}

/** One reason for each kind of header field that differs, of one member or of many alike. */
export function headerReasons(changes: readonly HeaderChange[], members: number | undefined): readonly Reason[] {
  const byKind = new Map<ReasonKind, Map<string, HeaderChange[]>>();
  for (const change of changes) {
    for (const field of change.changed) {
      const kind = kindOf(field.name);
      const fields = byKind.get(kind) ?? new Map<string, HeaderChange[]>();
      byKind.set(kind, fields);
      const some = fields.get(field.name);
      if (some === undefined) fields.set(field.name, [change]);
      else some.push(change);
    }
  }
  return [...byKind].flatMap(([kind, fields]) =>
    [...fields]
      .sort(([one], [other]) => Number(isExtra(one)) - Number(isExtra(other)) || byBytes(one, other))
      .flatMap(([name, all]) =>
        byValues(all, (change) => fieldsOf(change, name)).map((some) => reasonOf(kind, { name, some, members })),
      ),
  );
}

/** What a header says of why its member differs, whose content differs, too: sizes and the like follow from that. */
export function causesInHeaders(change: HeaderChange): readonly Reason[] {
  return headerReasons([change], 1).filter(({ kind }) => kind !== 'metadata');
}

type Told = { readonly name: string; readonly some: readonly HeaderChange[]; readonly members: number | undefined };

function reasonOf(kind: ReasonKind, { name, some, members }: Told): Reason {
  const witness = some[0] as HeaderChange;
  const [field] = fieldsOf(witness, name);
  const delta = kind === 'timestamp' ? commonDelta(some.flatMap((change) => fieldsOf(change, name))) : undefined;
  const many =
    members === 1
      ? `${name} differs`
      : `${name} of ${some.length}${members === undefined ? '' : ` of ${members}`} members differs`;
  const by = delta === undefined ? '' : `${members === 1 ? '' : ', always'} by ${delta} s`;
  return {
    kind,
    evidence: `${many}${by}${members === 1 ? '' : `, such as ${witness.name}`}`,
    ...(field?.left === undefined ? {} : { left: field.left }),
    ...(field?.right === undefined ? {} : { right: field.right }),
  };
}

function fieldsOf({ changed }: HeaderChange, name: string): readonly FieldChange[] {
  return changed.filter((field) => field.name === name);
}

/** Seconds between the sides' times, without sign, where they are the same for all: to the nanosecond, as times are told. */
function commonDelta(times: readonly FieldChange[]): string | undefined {
  const deltas = new Set(
    times.map(({ left, right }) => {
      const [old, now] = [nanosecondsOf(left), nanosecondsOf(right)];
      return old === undefined || now === undefined ? undefined : now - old;
    }),
  );
  const [delta] = deltas;
  return deltas.size === 1 && delta !== undefined ? secondsText(delta < 0n ? -delta : delta) : undefined;
}

/** A time as headers have it: ISO 8601 in UTC, or seconds since 1970. A double does not hold it to the nanosecond. */
function nanosecondsOf(time: string | undefined): bigint | undefined {
  if (time === undefined) return undefined;
  const plain = /^(\d{1,11})(?:\.(\d{1,9}))?$/.exec(time);
  const iso = /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(?:Z| UTC)?$/.exec(time);
  const whole = plain === null ? Date.parse(`${iso?.[1]}T${iso?.[2]}Z`) / 1_000 : Number(plain[1]);
  const fraction = (plain?.[2] ?? iso?.[3] ?? '').padEnd(9, '0');
  return Number.isNaN(whole) ? undefined : BigInt(whole) * 1_000_000_000n + BigInt(fraction);
}

function secondsText(nanoseconds: bigint): string {
  const fraction = String(nanoseconds % 1_000_000_000n)
    .padStart(9, '0')
    .replace(/0+$/, '');
  return `${nanoseconds / 1_000_000_000n}${fraction === '' ? '' : `.${fraction}`}`;
}
