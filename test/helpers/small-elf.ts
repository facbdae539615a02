/** A section of a made-up ELF file. */
export type Part = { readonly name: string; readonly type: number; readonly bytes: Uint8Array };

/** The least ELF file with these sections: header, contents in order, names, section table. No program headers. */
export function smallElf(
  parts: readonly Part[],
  form: { readonly bits: 32 | 64; readonly endian: 'little' | 'big' },
): Buffer {
  const wide = form.bits === 64;
  const named = [...parts, { name: '.shstrtab', type: 3, bytes: new Uint8Array(0) }];
  const names = Buffer.from(`\0${named.map((part) => `${part.name}\0`).join('')}`);
  const contents = named.map((part) => (part.name === '.shstrtab' ? names : Buffer.from(part.bytes)));
  const headerBytes = wide ? 64 : 52;
  const entryBytes = wide ? 64 : 40;
  const tableOffset = headerBytes + contents.reduce((sum, content) => sum + content.length, 0);
  const number = (value: number, bytes: 2 | 4 | 8): Buffer => {
    const buffer = Buffer.alloc(bytes);
    buffer.writeUIntBE(value, Math.max(0, bytes - 6), Math.min(6, bytes));
    return form.endian === 'big' ? buffer : buffer.reverse();
  };
  const word = (value: number): Buffer => number(value, 4);
  const address = (value: number): Buffer => number(value, wide ? 8 : 4);
  const header = Buffer.concat([
    Buffer.from([0x7f, 0x45, 0x4c, 0x46, wide ? 2 : 1, form.endian === 'little' ? 1 : 2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
    ...[number(3, 2), number(62, 2), word(1), address(0), address(0), address(tableOffset), word(0)],
    ...[headerBytes, 0, 0, entryBytes, named.length + 1, named.length].map((value) => number(value, 2)),
  ]);
  let offset = headerBytes;
  let nameOffset = 1;
  const entries = named.map((part, index) => {
    const size = contents[index]?.length ?? 0;
    const fields = [word(nameOffset), word(part.type), address(0), address(0), address(offset), address(size)];
    offset += size;
    nameOffset += part.name.length + 1;
    return Buffer.concat([...fields, word(0), word(0), address(4), address(0)]);
  });
  return Buffer.concat([header, ...contents, Buffer.alloc(entryBytes), ...entries]);
}
