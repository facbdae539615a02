import { type MachFile, type MachPiece, machKind, readFatMachO, readMachO } from '../../../formats/index.ts';
import { rangeSource } from '../../byte-source.ts';
import { escapeName } from '../../escape.ts';
import { bothOf, identical } from '../../identity.ts';
import { changedFields } from '../../pairing.ts';
import { readRange, sectionParts } from '../../section-parts.ts';
import type { ByteSource, Explanation, LeafComparator } from '../../types.ts';
import { codeChange } from './code-sections.ts';

const HEAD_BYTES = 2 ** 20;
const LIMITS = { sections: 10_000 };
/** Of whatever segment: that of a kernel's code has another name than that of a program's. */
const CODE = /^__\w+,__text$/;

/** Programs and libraries of macOS: header, load commands, UUID, signature, and each section. */
export const machO: LeafComparator = {
  kind: 'leaf',
  id: 'mach-o',
  recognizes: (head) => head.length >= 28 && machKind(Buffer.from(head.subarray(0, 4)).toString('hex')) !== undefined,
  async *explain(left, right) {
    const [old, now] = await bothOf(readSide(left), readSide(right));
    const header = ({ header: fields, uuid }: MachFile): Record<string, string> => ({ ...fields, UUID: uuid ?? '' });
    yield { kind: 'fields', fields: changedFields(header(old), header(now)) };
    if (old.uuid !== now.uuid) {
      const sides = { ...(old.uuid ? { left: old.uuid } : {}), ...(now.uuid ? { right: now.uuid } : {}) };
      yield { kind: 'reason', reason: { kind: 'build-id', evidence: 'UUID load command', ...sides } };
    }
    const lines = ({ commands }: MachFile): readonly string[] => commands.map(escapeName);
    yield { kind: 'lines', title: 'load commands', left: lines(old), right: lines(now) };
    yield* signatureChange({ source: left, file: old }, { source: right, file: now });
    const sections = ({ pieces }: MachFile): readonly MachPiece[] =>
      pieces.map((piece) => ({ ...piece, name: escapeName(piece.name) }));
    const code = (file: MachFile): readonly MachPiece[] => sections(file).filter(({ name }) => CODE.test(name));
    yield* codeChange({ source: left, sections: code(old) }, { source: right, sections: code(now) });
    yield* sectionParts({ source: left, sections: sections(old) }, { source: right, sections: sections(now) });
  },
};

/** Several Mach-O files in one, for several processors: each by its processor. */
export const universalMachO: LeafComparator = {
  kind: 'leaf',
  id: 'mach-o-universal',
  recognizes: (head) => {
    const bytes = Buffer.from(head.subarray(0, 8));
    if (bytes.length < 8 || (bytes.readUInt32BE() & 0xfffffffe) >>> 0 !== 0xcafebabe) return false;
    const count = bytes.readUInt32BE(4);
    return count > 0 && count <= 42;
  },
  async *explain(left, right) {
    const [old, now] = await bothOf(readFat(left), readFat(right));
    if (old === undefined || now === undefined) {
      yield { kind: 'declined' };
      return;
    }
    const places = (files: readonly MachPiece[]): Record<string, string> =>
      Object.fromEntries(files.map(({ name, offset, size }) => [name, `${size} bytes from ${offset}`]));
    yield { kind: 'fields', fields: changedFields(places(old), places(now)) };
    yield* sectionParts({ source: left, sections: old }, { source: right, sections: now });
  },
};

async function readSide(source: ByteSource): Promise<MachFile> {
  return readMachO(await readRange(source, { offset: 0, size: HEAD_BYTES }), LIMITS);
}

async function readFat(source: ByteSource): Promise<readonly MachPiece[] | undefined> {
  return readFatMachO(await readRange(source, { offset: 0, size: 4096 }));
}

type Side = { readonly source: ByteSource; readonly file: MachFile };

async function* signatureChange(left: Side, right: Side): AsyncGenerator<Explanation> {
  const signature = ({ source, file }: Side): ByteSource | undefined => {
    const piece = file.pieces.find(({ name }) => name === 'code signature');
    return piece === undefined ? undefined : rangeSource(source, piece);
  };
  const [old, now] = [signature(left), signature(right)];
  if (old === undefined && now === undefined) return;
  if (old !== undefined && now !== undefined && (await identical(old, now))) return;
  const size = (one: ByteSource | undefined): string => (one === undefined ? 'not signed' : `${one.size} bytes`);
  yield {
    kind: 'reason',
    reason: { kind: 'signature', evidence: 'code signature', left: size(old), right: size(now) },
  };
}
