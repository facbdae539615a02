import { ByteCursor } from './byte-cursor.ts';
import type { JavaConstants } from './java-class.ts';

/** Opcodes 0 to 201 in order, JVMS chapter 7. */
const NAMES =
  `nop aconst_null iconst_m1 iconst_0 iconst_1 iconst_2 iconst_3 iconst_4 iconst_5 lconst_0 lconst_1 fconst_0
fconst_1 fconst_2 dconst_0 dconst_1 bipush sipush ldc ldc_w ldc2_w iload lload fload dload aload iload_0 iload_1 iload_2
iload_3 lload_0 lload_1 lload_2 lload_3 fload_0 fload_1 fload_2 fload_3 dload_0 dload_1 dload_2 dload_3 aload_0 aload_1
aload_2 aload_3 iaload laload faload daload aaload baload caload saload istore lstore fstore dstore astore istore_0
istore_1 istore_2 istore_3 lstore_0 lstore_1 lstore_2 lstore_3 fstore_0 fstore_1 fstore_2 fstore_3 dstore_0 dstore_1
dstore_2 dstore_3 astore_0 astore_1 astore_2 astore_3 iastore lastore fastore dastore aastore bastore castore sastore pop
pop2 dup dup_x1 dup_x2 dup2 dup2_x1 dup2_x2 swap iadd ladd fadd dadd isub lsub fsub dsub imul lmul fmul dmul idiv ldiv
fdiv ddiv irem lrem frem drem ineg lneg fneg dneg ishl lshl ishr lshr iushr lushr iand land ior lor ixor lxor iinc i2l i2f
i2d l2i l2f l2d f2i f2l f2d d2i d2l d2f i2b i2c i2s lcmp fcmpl fcmpg dcmpl dcmpg ifeq ifne iflt ifge ifgt ifle if_icmpeq
if_icmpne if_icmplt if_icmpge if_icmpgt if_icmple if_acmpeq if_acmpne goto jsr ret tableswitch lookupswitch ireturn
lreturn freturn dreturn areturn return getstatic putstatic getfield putfield invokevirtual invokespecial invokestatic
invokeinterface invokedynamic new newarray anewarray arraylength athrow checkcast instanceof monitorenter monitorexit wide
multianewarray ifnull ifnonnull goto_w jsr_w`.split(/\s+/);

const [TABLESWITCH, LOOKUPSWITCH, WIDE, IINC] = [0xaa, 0xab, 0xc4, 0x84];

/**
 * One line per instruction, as javap -c has them but for what moves when other code does: constants are shown instead of
 * their numbers, jumps by their distance. An unknown opcode ends the list with the rest in hexadecimal.
 * Throws FORMAT_MALFORMED where the code ends inside an instruction.
 */
export function* javaInstructions(code: Uint8Array, constants: JavaConstants): Generator<string> {
  const cursor = new ByteCursor(code, { what: 'Java code' });
  while (cursor.left > 0) {
    const opcode = cursor.u8();
    const name = NAMES[opcode];
    if (name === undefined) {
      const rest = cursor.seek(cursor.position - 1).take(cursor.left);
      yield `unknown ${rest.toString('hex', 0, 64)}`;
      return;
    }
    if (opcode === TABLESWITCH || opcode === LOOKUPSWITCH) yield* switchLines(cursor, name, opcode === TABLESWITCH);
    else yield [name, ...operands(cursor, opcode, constants)].join(' ');
  }
}

function operands(cursor: ByteCursor, opcode: number, constants: JavaConstants): readonly (string | number)[] {
  const signed = (size: 1 | 2 | 4): number => cursor.take(size, 'operand').readIntBE(0, size);
  const constant = (index: number): string => `${constants.kind(index)} ${constants.text(index)}`;
  if (opcode === 0x10) return [signed(1)];
  if (opcode === 0x11) return [signed(2)];
  if (opcode === 0x12) return [constant(cursor.u8())];
  if (opcode === 0x13 || opcode === 0x14) return [constant(cursor.u16())];
  if ((opcode >= 0x15 && opcode <= 0x19) || (opcode >= 0x36 && opcode <= 0x3a) || opcode === 0xa9) return [cursor.u8()];
  if (opcode === IINC) return [cursor.u8(), signed(1)];
  if ((opcode >= 0x99 && opcode <= 0xa8) || opcode === 0xc6 || opcode === 0xc7) return [jump(signed(2))];
  if (opcode === 0xc8 || opcode === 0xc9) return [jump(signed(4))];
  if (opcode === 0xb9) return [constant(cursor.u16()), cursor.u16() >> 8];
  if (opcode === 0xba) return [constant(cursor.u16()), cursor.u16()];
  if (opcode === 0xbc) return [cursor.u8()];
  if (opcode === 0xc5) return [constant(cursor.u16()), cursor.u8()];
  if ((opcode >= 0xb2 && opcode <= 0xbb) || opcode === 0xbd || opcode === 0xc0 || opcode === 0xc1)
    return [constant(cursor.u16())];
  if (opcode !== WIDE) return [];
  const widened = cursor.u8();
  const operand = cursor.u16();
  return [NAMES[widened] ?? widened, operand, ...(widened === IINC ? [signed(2)] : [])];
}

function* switchLines(cursor: ByteCursor, name: string, table: boolean): Generator<string> {
  // Operands begin at a multiple of four, counted from the method's first instruction.
  cursor.take((4 - (cursor.position % 4)) % 4, 'padding');
  const next = (): number => cursor.take(4, 'switch').readInt32BE();
  yield `${name} default ${jump(next())}`;
  const [first, second] = [next(), table ? next() : 0];
  const count = table ? second - first + 1 : first;
  if (count < 0 || count * (table ? 4 : 8) > cursor.left) cursor.fail('switch');
  for (let index = 0; index < count; index++) yield `  ${table ? first + index : next()} ${jump(next())}`;
}

function jump(distance: number): string {
  return distance < 0 ? String(distance) : `+${distance}`;
}
