import { type RDataHeader, readRDataHeader } from '../../../formats/index.ts';
import { rangeSource } from '../../byte-source.ts';
import { escapeName } from '../../escape.ts';
import { bothOf } from '../../identity.ts';
import { changedFields } from '../../pairing.ts';
import { readWhole } from '../../read-whole.ts';
import type { ByteSource, LeafComparator, MemberHeader } from '../../types.ts';

/** Serialized R objects, such as unpacked .rds and .rdx files: the release that wrote them, and the objects as bytes. */
export const rData: LeafComparator = {
  kind: 'leaf',
  id: 'r-data',
  recognizes: (head) => readRDataHeader(head) !== undefined,
  async *explain(left, right, { budget: { limits } }) {
    const [old, now] = await bothOf(readWhole(left, limits.textBytes), readWhole(right, limits.textBytes));
    const [was, is] = [old && readRDataHeader(old), now && readRDataHeader(now)];
    if (old === undefined || now === undefined || was === undefined || is === undefined) {
      yield { kind: 'declined', why: `not compared as R objects: longer than ${limits.textBytes} bytes` };
      return;
    }
    yield { kind: 'fields', fields: changedFields(fieldsOf(was), fieldsOf(is)) };
    if (was.writtenBy !== is.writtenBy)
      yield {
        kind: 'reason',
        reason: {
          kind: 'version-text',
          evidence: 'the release of R that wrote it',
          left: was.writtenBy,
          right: is.writtenBy,
        },
      };
    const objects = (source: ByteSource, { bytes }: RDataHeader, whole: Buffer): ByteSource =>
      rangeSource(source, { name: 'objects', offset: bytes, size: whole.length - bytes });
    if (old.subarray(was.bytes).equals(now.subarray(is.bytes)))
      yield { kind: 'detail', text: 'the same objects: only the header differs' };
    else yield { kind: 'part', name: 'objects', left: objects(left, was, old), right: objects(right, is, now) };
  },
};

function fieldsOf({ version, writtenBy, readableFrom, encoding = '' }: RDataHeader): MemberHeader {
  return {
    'form version': String(version),
    'written by R': writtenBy,
    'readable from R': readableFrom,
    encoding: escapeName(encoding),
  };
}
