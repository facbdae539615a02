import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { JavaText, readJavaClass } from '../../formats/index.ts';
import {
  changedLines,
  compareAllWays,
  compareBytes,
  fieldsOf,
  notesOf,
  patched,
  pathsOf,
  reasonsOf,
  survivesDamage,
} from '../helpers/compare-bytes.ts';

const fixture = (name: string): Buffer => readFileSync(join(import.meta.dirname, '../fixtures/java', name));
const [sample, other] = [fixture('Sample.class'), fixture('Sample-70001.class')];
const LIMITS = { attributes: 1000, characters: 2 ** 20 };

describe('reading a Java class', () => {
  it('gives every instruction as javap does', () => {
    const listing = fixture('Sample.javap.txt').toString();
    const judged = [...listing.matchAll(/^ +(?:\d+: ([a-z]\w*)|(-?\d+|default): (?=\d))/gm)].map(
      ([, name, label]) => name ?? (label === 'default' ? undefined : label),
    );
    const file = readJavaClass(sample, LIMITS);
    const text = new JavaText(file.constants, LIMITS);
    const own = file.methods.flatMap((method) =>
      method.attributes
        .filter((attribute) => attribute.name === 'Code')
        .flatMap((attribute) => text.lines(attribute).slice(1))
        .filter((line) => !/^(?:catch|\w+:)/.test(line))
        .map((line) => line.trim().split(' ')[0]),
    );
    expect(own.length).toBeGreaterThan(120);
    expect(own).toEqual(judged.filter((name) => name !== undefined));
  });

  it('names what it says of itself', () => {
    const file = readJavaClass(sample, LIMITS);
    expect(file).toMatchObject({ major: 61, minor: 0, name: 'Sample', superName: 'java/lang/Object', trailing: 0 });
    expect(file.interfaces).toEqual(['java/lang/Runnable']);
    expect(file.methods.map(({ name }) => name)).toEqual(['<init>', 'run', 'fail', 'lambda$run$0']);
    const lines = new JavaText(file.constants, LIMITS);
    const all = [...file.methods, ...file.fields, file].flatMap(({ attributes }) =>
      attributes.map((attribute) => [attribute.name, lines.lines(attribute)]),
    );
    expect(all).toContainEqual(['RuntimeVisibleAnnotations', ['Ljava/lang/Deprecated;(since=s 1, forRemoval=Z 1)']]);
    expect(all).toContainEqual(['InnerClasses', expect.arrayContaining([expect.stringContaining('Sample$Colour')])]);
    expect(all).toContainEqual(['Exceptions', ['java/lang/Exception']]);
  });

  it('stops at each limit', () => {
    const limit = expect.objectContaining({ code: 'FORMAT_LIMIT' });
    expect(() => readJavaClass(sample, { attributes: 5 })).toThrow(limit);
    const { constants, methods } = readJavaClass(sample, LIMITS);
    const code = methods[1]?.attributes[0] as { name: string; content: Buffer };
    for (const limits of [
      { ...LIMITS, characters: 1000 },
      { ...LIMITS, attributes: 1 },
    ])
      expect(() => new JavaText(constants, limits).lines(code)).toThrow(limit);
  });
});

describe('explaining how two Java classes differ', () => {
  it('names the method, the instruction and the constant', async () => {
    const found = await compareAllWays(sample, other);
    expect(found.kind).toBe('java-class');
    expect(pathsOf(found)).toEqual(['file', 'constants, sorted', 'method run ()V']);
    expect(changedLines(found)).toEqual([
      '-Integer 70000',
      '+Integer 70001',
      '-ldc Integer 70000',
      '+ldc Integer 70001',
    ]);
  });

  it('tells instructions that differ from constants that they load', async () => {
    expect(reasonsOf(await compareAllWays(sample, other))).toEqual([
      { kind: 'data', evidence: 'constants that methods load differ' },
    ]);
    const add = sample.indexOf(Buffer.from([0x04, 0x60, 0xb5])) + 1;
    expect(add).toBeGreaterThan(0);
    const subtracting = patched(sample, add, [0x64]);
    expect(reasonsOf(await compareAllWays(sample, subtracting))).toEqual([
      { kind: 'code', evidence: 'instructions of methods differ' },
    ]);
  });

  it('names the Java release of another class file version', async () => {
    const found = await compareAllWays(sample, patched(sample, 6, [0, 52]));
    const versions = { left: '61.0 (Java 17)', right: '52.0 (Java 8)' };
    expect(fieldsOf(found)).toEqual([{ name: 'version', ...versions }]);
    expect(reasonsOf(found)).toEqual([{ kind: 'version-text', evidence: 'class file version', ...versions }]);
  });

  it('says that only the line numbers differ', async () => {
    const table = sample.indexOf(Buffer.from([0, 0, 0, 6, 0, 1, 0, 0, 0, 3]));
    expect(table).toBeGreaterThan(0);
    const found = await compareAllWays(sample, patched(sample, table + 9, [4]));
    expect(changedLines(found)).toEqual(['-LineNumberTable: 0 3', '+LineNumberTable: 0 4']);
    expect(reasonsOf(found).map(({ kind }) => kind)).toEqual(['debug-info']);
  });

  it('does not say that only those differ where the class is declared otherwise', async () => {
    const table = sample.indexOf(Buffer.from([0, 0, 0, 6, 0, 1, 0, 0, 0, 3]));
    // The flags of the class, itself and what it extends follow the constants.
    const access = sample.indexOf(Buffer.from([0, 0x21, 0, 0x0c, 0, 0x02]));
    expect(access).toBeGreaterThan(0);
    const found = await compareAllWays(sample, patched(patched(sample, table + 9, [4]), access + 1, [0x31]));
    expect(fieldsOf(found)).toEqual([{ name: 'access', left: '0x0021', right: '0x0031' }]);
    expect(reasonsOf(found)).toEqual([
      { kind: 'debug-info', evidence: 'names and places in the source differ' },
      { kind: 'code', evidence: 'the class is declared otherwise: access' },
    ]);
  });

  it('falls back to bytes for what is no class after all, and for one that is too large', async () => {
    const cut = await compareBytes(sample, sample.subarray(0, 1000));
    expect(cut).toMatchObject({ kind: 'bytes', notes: [expect.stringMatching(/^FORMAT_MALFORMED: reading /)] });
    const large = await compareBytes(sample, other, { limits: { textBytes: 100 } });
    expect(large.kind).toBe('bytes');
    expect(notesOf(large)).toEqual(['not read as a Java class: longer than 100 bytes']);
  });

  it('never throws and never says equal, wherever one is cut or broken', () => survivesDamage(sample, 19));
});
