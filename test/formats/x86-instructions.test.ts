import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readElf, X86Reader } from '../../formats/index.ts';
import { assembled } from '../helpers/assembled-elf.ts';
import { chunksOf } from '../helpers/chunks.ts';

const limits = { sections: 1000, nameBytes: 1_000_000, noteBytes: 100_000 };

async function textOf(bytes: Buffer): Promise<Buffer> {
  const file = await readElf((start) => chunksOf(bytes.subarray(start), 1_000_000), limits);
  const text = file.sections.find((section) => section.name === '.text');
  return bytes.subarray(text?.offset, (text?.offset ?? 0) + (text?.size ?? 0));
}

type Instruction = { readonly length: number; readonly relative: number; readonly branch: boolean };

function lengths(code: Uint8Array): Instruction[] {
  const reader = new X86Reader();
  const found: Instruction[] = [];
  for (let at = 0; at < code.length; ) {
    reader.read(code, at, code.length);
    const { length, relative, branch } = reader;
    found.push({ length, relative, branch });
    at += Math.max(1, length);
  }
  return found;
}

describe('reading the lengths of x86-64 instructions', () => {
  it('begins each instruction of a shell where objdump does', async () => {
    const argv = ['-d', '-j', '.text', '--no-show-raw-insn', '/bin/bash'];
    const output = execFileSync('objdump', argv, {
      encoding: 'latin1',
      maxBuffer: 2 ** 30,
      env: { PATH: process.env.PATH ?? '' },
    });
    const judged = [...output.matchAll(/^ *([0-9a-f]+):\t/gm)].map((found) => Number.parseInt(found[1] as string, 16));
    let at = judged[0] as number;
    const ours = lengths(await textOf(readFileSync('/bin/bash'))).map(({ length }) => {
      at += length;
      return at - length;
    });
    expect(judged.length).toBeGreaterThan(50_000);
    expect(ours).toEqual(judged);
  });

  it('reads an instruction the same where more follows as where it is the last, at any byte', async () => {
    const code = (await textOf(readFileSync('/bin/bash'))).subarray(0, 200_000);
    const [within, last] = [new X86Reader(), new X86Reader()];
    const said = ({ length, relative, branch }: X86Reader): string => `${length} ${relative} ${relative > 0 && branch}`;
    let read = 0;
    for (let at = 0; at + 16 <= code.length; at++) {
      within.read(code, at, code.length);
      if (within.length === 0) continue;
      last.read(code, at, at + within.length);
      if (said(last) !== said(within)) expect.fail(`at byte ${at}: ${said(last)} instead of ${said(within)}`);
      last.read(code, at, at + within.length - 1);
      if (last.length === within.length) expect.fail(`at byte ${at}: cut, and read all the same`);
      read++;
    }
    expect(read).toBeGreaterThan(100_000);
  });

  it('finds the displacements that shift with the layout', async () => {
    const source = `
      call there
      jne there
      lea there(%rip), %rdi
      cmpb $1, there(%rip)
      {vex} vmovaps there(%rip), %ymm1
      vmovaps there(%rip), %zmm1
      vpternlogd $3, there(%rip), %zmm1, %zmm2
      aeskeygenassist $1, there(%rip), %xmm0
      mov 0x10(%rsp), %rax
      movabs $0x123456789abcdef0, %rax
      enter $1, $2
      ret
      .skip 200, 0x90
there: nop`;
    const found = lengths(await textOf(assembled(source))).slice(0, 12);
    expect(found.map(({ length, relative, branch }) => `${length} ${relative} ${relative > 0 && branch}`)).toEqual([
      '5 1 true',
      '6 2 true',
      '7 3 false',
      '7 2 false',
      '8 4 false',
      '10 6 false',
      '11 6 false',
      '10 5 false',
      '5 0 false',
      '10 0 false',
      '4 0 false',
      '1 0 false',
    ]);
  });

  it('reads nothing beyond the end, wherever code is cut', async () => {
    const code = await textOf(
      assembled('vpternlogd $3, 0x1000(%rip), %zmm1, %zmm2\nmovabs $1, %rax\nlea (,%rax,8), %rax\n'),
    );
    for (let end = 0; end <= code.length; end++) {
      const total = lengths(code.subarray(0, end)).reduce((sum, { length }) => sum + Math.max(1, length), 0);
      expect(total, `cut at ${end}`).toBe(end);
    }
  });
});
