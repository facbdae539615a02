import { describe, expect, it } from 'vitest';
import type { FieldChange } from '../../../model/index.ts';
import { mirroredTree } from '../../helpers/leaf-tree.ts';
import { END, header, pax, record } from '../../helpers/small-tar.ts';

/** The fields that differ of one member with either of these records. */
async function fieldsOf(key: string, left: string, right: string): Promise<readonly FieldChange[]> {
  const archive = (value: string): Buffer => Buffer.concat([pax('x', record(key, value)), header({}), END]);
  const found = await mirroredTree(archive(left), archive(right), { name: 'a.tar' });
  expect(found.kind).toBe('tar');
  return found.children[0]?.fields?.filter(({ name }) => name.startsWith('pax')) ?? [];
}
const latin1 = (hex: string): string => Buffer.from(hex.replaceAll(' ', ''), 'hex').toString('latin1');
const NET_RAW = latin1('01000002 00200000 00000000 00000000 00000000');
const ADMIN = latin1('01000002 00002000 00000000 00000000 00000000');
const ACL = (id: string): string => latin1(`02000000 0100 0600 ffffffff 0200 0400 ${id} 0400 0400 ffffffff`);

describe('telling extended attributes of members of tar archives', () => {
  it.each(['SCHILY', 'LIBARCHIVE'])('names capabilities and access lists in words: %s', async (vendor) => {
    const base64 = (value: string): string => Buffer.from(value, 'latin1').toString('base64').replace(/=+$/, '');
    const stored = vendor === 'SCHILY' ? (value: string): string => value : base64;
    const capability = `${vendor}.xattr.security.capability`;
    expect(await fieldsOf(capability, stored(NET_RAW), stored(ADMIN))).toEqual([
      {
        name: `pax ${capability}`,
        left: 'revision 2, effective; permitted: cap_net_raw; inheritable: none',
        right: 'revision 2, effective; permitted: cap_sys_admin; inheritable: none',
      },
    ]);
    const acl = `${vendor}.xattr.system.posix_acl_access`;
    expect(await fieldsOf(acl, stored(ACL('e8030000')), stored(ACL('e9030000')))).toEqual([
      { name: `pax ${acl}`, left: 'user::rw-,user:1000:r--,group::r--', right: 'user::rw-,user:1001:r--,group::r--' },
    ]);
  });

  it('shows other values as they are, decoded where they are in base64', async () => {
    expect(await fieldsOf('SCHILY.xattr.user.note', 'one', 'two')).toEqual([
      { name: 'pax SCHILY.xattr.user.note', left: 'one', right: 'two' },
    ]);
    expect(await fieldsOf('LIBARCHIVE.xattr.user.note', 'YSBi', 'YSBj')).toEqual([
      { name: 'pax LIBARCHIVE.xattr.user.note', left: '"a b"', right: '"a c"' },
    ]);
  });

  it.each([
    ['SCHILY.xattr.security.capability', NET_RAW, 'revision 2, effective; permitted: cap_net_raw; inheritable: none'],
    ['LIBARCHIVE.xattr.user.note', 'YSBi', 'YSBi='],
    ['LIBARCHIVE.xattr.user.note', 'YSBi', '"a b"'],
    ['LIBARCHIVE.xattr.security.capability', 'AQ', 'AQ=='],
  ])('never tells two values of %s the same', async (key, left, right) => {
    expect(await fieldsOf(key, left, right)).toHaveLength(1);
  });
});
