import { ReproofError } from '../model/index.ts';
import { ByteCursor } from './byte-cursor.ts';
import { javaInstructions } from './java-bytecode.ts';
import { attributeCounter, type JavaAttribute, type JavaConstants, readJavaAttributes } from './java-class.ts';

/** Attributes inside code and characters of all lines together. Passing one throws FORMAT_LIMIT. */
export type JavaTextLimits = { readonly attributes: number; readonly characters: number };

/**
 * How an attribute is laid out: `c` a constant, `s` and `b` numbers of two bytes and one, `[...]` a list with a count of
 * two bytes before it, `<...>` one with a count of one byte. JVMS 4.7, by name.
 */
const LAYOUTS = new Map([
  ['AnnotationDefault', '@'],
  ['BootstrapMethods', '[c[c]]'],
  ['ConstantValue', 'c'],
  ['Deprecated', ''],
  ['EnclosingMethod', 'cc'],
  ['Exceptions', '[c]'],
  ['InnerClasses', '[cccs]'],
  ['LineNumberTable', '[ss]'],
  ['LocalVariableTable', '[ssccs]'],
  ['LocalVariableTypeTable', '[ssccs]'],
  ['MethodParameters', '<cs>'],
  ['ModuleMainClass', 'c'],
  ['ModulePackages', '[c]'],
  ['NestHost', 'c'],
  ['NestMembers', '[c]'],
  ['PermittedSubclasses', '[c]'],
  ['RuntimeInvisibleAnnotations', '[@@]'],
  ['RuntimeInvisibleParameterAnnotations', '<[@@]>'],
  ['RuntimeVisibleAnnotations', '[@@]'],
  ['RuntimeVisibleParameterAnnotations', '<[@@]>'],
  ['Signature', 'c'],
  ['SourceFile', 'c'],
  ['Synthetic', ''],
]);

/** Turns the attributes of one class into lines; one for all of it, so that the limits hold for all of it. */
export class JavaText {
  readonly #constants: JavaConstants;
  readonly #limits: JavaTextLimits;
  readonly #count: () => void;
  #characters = 0;

  constructor(constants: JavaConstants, limits: JavaTextLimits) {
    this.#constants = constants;
    this.#limits = limits;
    this.#count = attributeCounter(limits);
  }

  /**
   * The attribute's content with its constants in place, one line per entry of its list; in hexadecimal where its layout
   * is not known, or it does not keep to it. Bytes as latin1. Throws FORMAT_LIMIT; for code also FORMAT_MALFORMED.
   */
  lines({ name, content }: JavaAttribute): readonly string[] {
    if (name === 'Code') return this.#codeLines(content);
    const cursor = new ByteCursor(content, { what: 'Java attribute' });
    const layout = name === 'StackMapTable' ? '[f]' : LAYOUTS.get(name);
    const lines = layout === undefined ? undefined : this.#laidOut(cursor, layout);
    return this.#spend(lines ?? hexLines(content));
  }

  #codeLines(content: Buffer): readonly string[] {
    const cursor = new ByteCursor(content, { what: 'Java code' });
    const lines = [`stack ${cursor.u16()}, locals ${cursor.u16()}`];
    for (const line of javaInstructions(cursor.take(cursor.u32()), this.#constants)) {
      this.#spend([line]);
      lines.push(line);
    }
    for (let count = cursor.u16(); count > 0; count--) {
      const [start, end, handler] = [cursor.u16(), cursor.u16(), cursor.u16()];
      lines.push(`catch ${start} to ${end} at ${handler}: ${this.#constants.text(cursor.u16())}`);
    }
    for (const attribute of readJavaAttributes(cursor, this.#constants, this.#count))
      lines.push(...this.lines(attribute).map((line) => `${attribute.name}: ${line}`));
    return lines;
  }

  /** Undefined where the content does not keep to the layout. */
  #laidOut(cursor: ByteCursor, layout: string): readonly string[] | undefined {
    try {
      const list = /^[[<](.*)[\]>]$/.exec(layout)?.[1];
      const lines: string[] = list === undefined ? [...this.#spend([this.#values(cursor, layout)])] : [];
      if (list === undefined) return cursor.left === 0 ? lines : undefined;
      for (let count = layout.startsWith('<') ? cursor.u8() : cursor.u16(); count > 0; count--)
        lines.push(...this.#spend([this.#values(cursor, list)]));
      return cursor.left === 0 ? lines : undefined;
    } catch (error) {
      if (error instanceof ReproofError && error.code === 'FORMAT_MALFORMED') return undefined;
      throw error;
    }
  }

  #values(cursor: ByteCursor, layout: string): string {
    const list = /^(.*?)\[(.*)\]$/.exec(layout);
    if (list !== null) {
      const before = this.#values(cursor, list[1] as string);
      const inner = Array.from({ length: cursor.u16() }, () => this.#values(cursor, list[2] as string));
      return `${before} (${inner.join(', ')})`.trim();
    }
    if (layout === '@@') return this.#annotation(cursor, 0);
    const values = [...layout].map((kind) => {
      if (kind === '@') return this.#element(cursor, 0);
      if (kind === 'f') return this.#frame(cursor);
      return kind === 'c' ? this.#constants.text(cursor.u16()) : cursor.u16();
    });
    return values.join(' ');
  }

  /** JVMS 4.7.16. */
  #annotation(cursor: ByteCursor, depth: number): string {
    const type = this.#constants.text(cursor.u16());
    const pairs = Array.from({ length: cursor.u16() }, () => {
      const name = this.#constants.text(cursor.u16());
      return `${name}=${this.#element(cursor, depth + 1)}`;
    });
    return `${type}(${pairs.join(', ')})`;
  }

  /** JVMS 4.7.16.1. */
  #element(cursor: ByteCursor, depth: number): string {
    if (depth > 20) cursor.fail('annotation inside too many others');
    const tag = String.fromCharCode(cursor.u8());
    if (tag === '@') return this.#annotation(cursor, depth + 1);
    const constant = (): string => this.#spend([this.#constants.text(cursor.u16())])[0] as string;
    if (tag === 'e') return `${constant()}.${constant()}`;
    if (tag !== '[') return `${tag} ${constant()}`;
    return `[${Array.from({ length: cursor.u16() }, () => this.#element(cursor, depth + 1)).join(', ')}]`;
  }

  /** A frame of a StackMapTable, JVMS 4.7.4. */
  #frame(cursor: ByteCursor): string {
    const type = cursor.u8();
    const types = (count: number): string => {
      const shown = Array.from({ length: count }, () => {
        const tag = cursor.u8();
        if (tag === 7) return this.#constants.text(cursor.u16());
        return tag === 8 ? `new at ${cursor.u16()}` : ['top', 'int', 'float', 'double', 'long', 'null', 'this'][tag];
      });
      return `(${shown.join(', ')})`;
    };
    if (type < 64) return `same +${type}`;
    if (type < 128) return `stack +${type - 64} ${types(1)}`;
    if (type < 247) return cursor.fail('frame');
    const offset = cursor.u16();
    if (type === 247) return `stack +${offset} ${types(1)}`;
    if (type < 251) return `chop ${251 - type} +${offset}`;
    if (type === 251) return `same +${offset}`;
    if (type < 255) return `append +${offset} ${types(type - 251)}`;
    return `full +${offset} ${types(cursor.u16())} ${types(cursor.u16())}`;
  }

  #spend(lines: readonly string[]): readonly string[] {
    for (const line of lines) this.#characters += line.length + 1;
    const { characters } = this.#limits;
    if (this.#characters > characters)
      throw new ReproofError('FORMAT_LIMIT', `showing Java class: more than ${characters} characters`, {
        context: { limit: 'characters', value: characters },
      });
    return lines;
  }
}

/** 32 bytes a line. */
function hexLines(content: Buffer): readonly string[] {
  return Array.from({ length: Math.ceil(content.length / 32) }, (_, line) =>
    content.toString('hex', line * 32, (line + 1) * 32),
  );
}
