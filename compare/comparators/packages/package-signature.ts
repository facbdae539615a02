import type { Head, LeafComparator } from '../../types.ts';
import { bytes } from '../binaries/bytes.ts';

/** RFC 2315 section 14, DER: the type of a message that holds signatures. */
const SIGNED_DATA = Buffer.from('06092a864886f70d010702', 'hex');
const SEQUENCE = 0x30;
/** Before the type stand a tag and a length of at most five bytes. */
const TYPE_WITHIN_BYTES = 6 + SIGNED_DATA.length;

/** JAR File Specification, "Digital Signatures"; NuGet and S/MIME call theirs .p7s. */
const MESSAGES = /(?:(?:^|\/)META-INF\/[^/]+\.(?:RSA|DSA|EC)|\.p7s)$/i;
/** apk-tools' apk-package.5: a signature and nothing else, named after its key. */
const OF_APK = /^(?:\.\/)?\.SIGN\.[A-Z0-9]+\.[^/]+$/;

/** Signatures of packages as formats hold them whose bytes say nothing to people; without it they are taken for random. */
export const packageSignature: LeafComparator = {
  kind: 'leaf',
  id: 'package-signature',
  recognizes: (head, name) => OF_APK.test(name) || (MESSAGES.test(name) && isSignedData(head)),
  async *explain(left, right, context) {
    yield { kind: 'reason', reason: { kind: 'signature', evidence: 'a signature of the package' } };
    for await (const found of bytes.explain(left, right, context)) if (found.kind !== 'reason') yield found;
  },
};

function isSignedData(head: Head): boolean {
  return head[0] === SEQUENCE && Buffer.from(head.subarray(0, TYPE_WITHIN_BYTES)).includes(SIGNED_DATA);
}
