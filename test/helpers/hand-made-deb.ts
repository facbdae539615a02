import { gzipSync } from 'node:zlib';
import { tarHeader } from './hostile-files.ts';

/** A member of a payload; names are bytes in latin1. `type` is that of tar. */
export type HandMadeMember = {
  readonly name: string;
  readonly content?: Uint8Array;
  readonly type?: string;
  readonly link?: string;
};

export const CONTROL = `Package: small
Version: 1.0-1
Architecture: amd64
Maintainer: T <t@example.org>
Depends: libc6 (>= 2.34)
Description: x
`;

/** A tar archive of these members, with its mark of the end. */
export function handMadeTar(members: readonly HandMadeMember[]): Buffer {
  const pieces = members.flatMap(({ name, content = Buffer.alloc(0), type = '0', link = '' }) => [
    tarHeader(name, content.length.toString(8).padStart(11, '0'), { type, link }),
    content,
    Buffer.alloc((512 - (content.length % 512)) % 512),
  ]);
  return Buffer.concat([...pieces, Buffer.alloc(1024)]);
}

/** An ar archive of these members, made at a second of 2024. */
export function handMadeAr(members: readonly (readonly [name: string, content: Uint8Array])[]): Buffer {
  const pieces = members.flatMap(([name, content]) => [
    Buffer.from(
      `${name.padEnd(16)}${'1704067200'.padEnd(12)}${'0'.padEnd(6)}${'0'.padEnd(6)}${'100644'.padEnd(8)}${String(content.length).padEnd(10)}\`\n`,
    ),
    content,
    Buffer.from(content.length % 2 === 0 ? '' : '\n'),
  ]);
  return Buffer.concat([Buffer.from('!<arch>\n'), ...pieces]);
}

/** A .deb of these members, as no tool would make it where they are hostile. */
export function handMadeDeb(members: readonly HandMadeMember[], control = CONTROL): Buffer {
  return handMadeAr([
    ['debian-binary', Buffer.from('2.0\n')],
    ['control.tar.gz', gzipSync(handMadeTar([{ name: './control', content: Buffer.from(control) }]))],
    ['data.tar.gz', gzipSync(handMadeTar(members), { level: 1 })],
  ]);
}
