import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { capabilitiesText, posixAclText } from '../../formats/index.ts';

const folder = mkdtempSync(join(tmpdir(), 'attributes-'));
afterAll(() => rmSync(folder, { recursive: true }));

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');

describe('reading the capabilities of a file', () => {
  it.each([
    [
      '01000002 00200000 00000000 00000000 00000000',
      'revision 2, effective; permitted: cap_net_raw; inheritable: none',
    ],
    [
      '00000002 01000000 00000080 c0010000 00000000',
      'revision 2; permitted: cap_chown, cap_bpf, cap_checkpoint_restore, cap_perfmon; inheritable: cap_setfcap',
    ],
    ['00000001 00040000 00000000', 'revision 1; permitted: cap_net_bind_service; inheritable: none'],
    [
      '01000003 00040000 00000000 00000000 00000000 e8030000',
      'revision 3, effective; permitted: cap_net_bind_service; inheritable: none; root: 1000',
    ],
    ['00000002 00000000 00000000 00000000 00000080', 'revision 2; permitted: none; inheritable: capability 63'],
  ])('names those of %s', (value, text) => {
    const sorted = (said: string | undefined): string[] => (said ?? '').split(/[;,] ?/).sort();
    expect(sorted(capabilitiesText(hex(value)))).toEqual(sorted(text));
  });

  it.each(['', '010000', '01000002', '03000002 00200000 00000000 00000000 00000000', '01000004 00200000 00000000'])(
    'takes "%s" for none',
    (value) => {
      expect(capabilitiesText(hex(value))).toBeUndefined();
    },
  );

  it('names each as libcap does', () => {
    const path = join(folder, 'file');
    writeFileSync(path, '');
    const decode = (word: string): string =>
      execFileSync('capsh', [`--decode=${word}`], {
        encoding: 'latin1',
        env: { PATH: `${process.env.PATH}:/sbin:/usr/sbin` },
      });
    for (let bit = 0; bit <= 40; bit++) {
      const value = hex('00000002 00000000 00000000 00000000 00000000');
      value.writeUInt32LE((1 << (bit % 32)) >>> 0, bit < 32 ? 4 : 12);
      const name = decode((1n << BigInt(bit)).toString(16))
        .trim()
        .split('=')[1];
      expect(capabilitiesText(value)).toBe(`revision 2; permitted: ${name}; inheritable: none`);
    }
  });
});

describe('reading an access control list', () => {
  const ATTRIBUTE =
    '02000000 0100 0600 ffffffff 0200 0400 e8030000 0400 0500 ffffffff 0800 0000 d0070000 1000 0700 ffffffff 2000 0000 ffffffff';
  const STORED = '01000000 0100 0600 0200 0400 e8030000 0400 0500 0800 0000 d0070000 1000 0700 2000 0000';
  const TEXT = 'user::rw-,user:1000:r--,group::r-x,group:2000:---,mask::rwx,other::---';

  it('gives it as text, however it is stored', () => {
    expect(posixAclText(hex(ATTRIBUTE), 2)).toBe(TEXT);
    expect(posixAclText(hex(STORED), 1)).toBe(TEXT);
    expect(posixAclText(hex('02000000'), 2)).toBe('empty');
  });

  it('takes nothing else for one', () => {
    expect(posixAclText(hex(ATTRIBUTE), 1)).toBeUndefined();
    expect(posixAclText(hex(STORED), 2)).toBeUndefined();
    for (const odd of ['', '0200', '02000000 01', '02000000 0100 0800 ffffffff', '02000000 0300 0000 ffffffff'])
      expect(posixAclText(hex(odd), 2), odd).toBeUndefined();
    expect(posixAclText(hex('02000000 0100 0600 00000000'), 2)).toBeUndefined();
    const whole = hex(STORED);
    for (let length = 0; length < whole.length; length++)
      if (![4, 8, 16, 20, 28, 32].includes(length)) expect(posixAclText(whole.subarray(0, length), 1)).toBeUndefined();
  });
});
