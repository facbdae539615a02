import { ReproofError } from '../model/index.ts';
import { bufferSource } from './buffer-source.ts';
import { escapeName } from './escape.ts';
import { unpacked } from './keyed-members.ts';
import type { LeafFindings } from './leaf.ts';
import { shownValue } from './shown-value.ts';
import type { CommonField, CommonHeaders, ContainerComparator, Member } from './types.ts';

export const OTHER_ARCHIVES = 'archive';
const LINK = 'symbolic link';
const TARGET_BYTES = 64 * 1024;

/** Two archives of different formats, read alike, and what is to be said of that. */
export type OtherArchives = {
  readonly left: ContainerComparator;
  readonly right: ContainerComparator;
  readonly told: Required<Pick<LeafFindings, 'fields' | 'notes'>>;
};

/** Undefined where one of the formats has nothing that others have, too. */
export function otherArchives(left: ContainerComparator, right: ContainerComparator): OtherArchives | undefined {
  if (left.common === undefined || right.common === undefined) return undefined;
  const fields = left.common.fields.filter((name) => right.common?.fields.includes(name));
  return {
    left: inCommon(left, left.common, fields),
    right: inCommon(right, right.common, fields),
    told: {
      fields: [{ name: 'format', left: left.id, right: right.id }],
      notes: [
        `archives of two formats: of members, name, content, ${fields.join(', ')} were compared, all else was not`,
      ],
    },
  };
}

/** What is said of two archives of which nothing else differs. */
export function alikeText({ id }: { readonly id: string }): string {
  return id === OTHER_ARCHIVES
    ? 'the same members in the same order, as far as both formats tell'
    : 'the same members with the same headers in the same order';
}

export function withFormats(found: LeafFindings, told: OtherArchives['told'] | undefined): LeafFindings {
  if (told === undefined) return found;
  return { ...found, fields: [...told.fields, ...(found.fields ?? [])], notes: [...told.notes, ...found.notes] };
}

function inCommon(
  comparator: ContainerComparator,
  common: CommonHeaders,
  fields: readonly CommonField[],
): ContainerComparator {
  return {
    kind: 'container',
    id: OTHER_ARCHIVES,
    recognizes: comparator.recognizes,
    ...(comparator.readsAnywhere === undefined ? {} : { readsAnywhere: comparator.readsAnywhere }),
    async *members(source, context, chunks) {
      for await (const each of comparator.members(source, context, chunks))
        if (!('fact' in each)) yield await memberOf(each, { common, fields });
    },
  };
}

type InCommon = {
  readonly common: CommonHeaders;
  readonly fields: readonly CommonField[];
};

/** Contents as they are, the target of a link as a field, and folders without the slash that some formats write. */
async function memberOf(member: Member, { common, fields }: InCommon): Promise<Member> {
  const told = common.header(member);
  const { name, source, offset, size } = member;
  const target = told.type === LINK && told.linkname === undefined ? await targetOf(member) : undefined;
  const all = target === undefined ? told : { ...told, linkname: shownValue(target) };
  const header = Object.fromEntries(fields.flatMap((field) => (all[field] ? [[field, all[field]]] : [])));
  const shared = { name, pairAs: told.type === 'folder' ? name.replace(/\/+$/, '') || name : member.pairAs, header };
  if (target !== undefined) return { ...shared, content: nothing(), source: bufferSource(name, Buffer.alloc(0)) };
  return {
    ...shared,
    content: unpacked(member),
    ...(source === undefined ? {} : { source }),
    ...(member.encoded === true || offset === undefined ? {} : { offset }),
    ...(member.encoded === true || size === undefined ? {} : { size }),
  };
}

/** As latin1. Throws ARCHIVE_LIMIT for what is no target of a link. */
async function targetOf(member: Member): Promise<string> {
  let target = '';
  for await (const piece of unpacked(member)) {
    target += Buffer.from(piece.buffer, piece.byteOffset, piece.length).toString('latin1');
    if (target.length > TARGET_BYTES)
      throw new ReproofError(
        'ARCHIVE_LIMIT',
        `reading the target of ${escapeName(member.name)}: longer than ${TARGET_BYTES} bytes`,
      );
  }
  return target;
}

async function* nothing(): AsyncGenerator<Uint8Array> {}
