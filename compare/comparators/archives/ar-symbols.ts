import { type ArSymbol, type ArSymbolFormat, readArSymbols } from '../../../formats/index.ts';
import { bothOf, readEach } from '../../identity.ts';
import { readWhole } from '../../read-whole.ts';
import type { ByteSource, LeafComparator } from '../../types.ts';

const FORMATS: ReadonlyMap<string, ArSymbolFormat> = new Map([
  ['/', 'gnu'],
  ['/SYM64/', 'gnu-64'],
  ['__.SYMDEF', 'bsd'],
  ['__.SYMDEF SORTED', 'bsd'],
]);

/** The symbol table of a static library: which member defines which symbol, the n-th by place and not by offset. */
export const arSymbols: LeafComparator = {
  kind: 'leaf',
  id: 'ar-symbols',
  recognizes: (_head, name) => FORMATS.has(name),
  async *explain(left, right, { budget }) {
    const [old, now] = await bothOf(
      readWhole(left, budget.limits.textBytes),
      readWhole(right, budget.limits.textBytes),
    );
    if (old === undefined || now === undefined) {
      yield { kind: 'declined', why: `not compared by symbols: longer than ${budget.limits.textBytes} bytes` };
      return;
    }
    const sides = [
      { source: left, bytes: old },
      { source: right, bytes: now },
    ] as const;
    const [before, after] = readEach(sides, ({ source, bytes }) => symbolsOf(source, bytes));
    const [was, is] = [linesOf(before), linesOf(after)];
    if (was.join('\n') !== is.join('\n')) {
      yield { kind: 'lines', left: was, right: is };
      if (was.toSorted().join('\n') === is.toSorted().join('\n'))
        yield { kind: 'reason', reason: { kind: 'order', evidence: 'the same symbols in another order' } };
      return;
    }
    const moved = before.filter((symbol, index) => symbol.memberOffset !== after[index]?.memberOffset).length;
    if (moved === 0) {
      yield { kind: 'detail', text: 'the same symbols at the same offsets: only padding differs' };
      yield { kind: 'reason', reason: { kind: 'padding', evidence: 'bytes that belong to no symbol' } };
      return;
    }
    yield { kind: 'detail', text: `the same symbols in the same members; ${moved} members' offsets differ` };
    const evidence = 'the same symbols in the same order, their members at other offsets';
    yield { kind: 'reason', reason: { kind: 'addresses', evidence } };
  },
};

function symbolsOf(source: ByteSource, bytes: Buffer): readonly ArSymbol[] {
  return readArSymbols(bytes, FORMATS.get(source.name) ?? 'gnu');
}

function linesOf(symbols: readonly ArSymbol[]): readonly string[] {
  const offsets = [...new Set(symbols.map((symbol) => symbol.memberOffset))].sort((one, other) => one - other);
  const places = new Map(offsets.map((offset, index) => [offset, index + 1]));
  return symbols.map(({ name, memberOffset }) => `${name} in member ${places.get(memberOffset)}`);
}
