import type { ContainerComparator, Head } from '../../types.ts';
import { isZip, zipKind } from '../archives/zip.ts';

const LOCAL_BYTES = 30;
/** As many members are looked at, where their sizes stand before them. */
const NAMES_SEEN = 32;

/** What is built on zip, in the order it is asked for: by its first members, and where those say nothing by name. */
const KINDS: readonly (readonly [id: string, sign: (archive: Signs) => boolean])[] = [
  ['epub', ({ mimetype }) => mimetype.startsWith('application/epub+zip')],
  ['opendocument', ({ mimetype }) => mimetype.startsWith('application/vnd.oasis.opendocument.')],
  ['nupkg', ({ has, called }) => has(/^[^/]+\.nuspec$/) || (has(/^_rels\/\.rels$/) && called(/\.nupkg$/))],
  ['ooxml', ({ has }) => has(/^\[Content_Types\]\.xml$/) || has(/^(?:word|xl|ppt)\//)],
  ['apk', ({ has, called }) => has(/^AndroidManifest\.xml$/) || called(/\.apk$/)],
  ['wheel', ({ has, called }) => has(/^[^/]+\.dist-info\/WHEEL$/) || called(/\.whl$/)],
  ['xpi', ({ has, called }) => has(/^META-INF\/mozilla\.rsa$/) || called(/\.xpi$/)],
  ['jmod', ({ called }) => called(/\.jmod$/)],
  ['war', ({ has, called }) => has(/^WEB-INF\//) || called(/\.war$/)],
  ['jar', ({ names, called }) => /^META-INF\/(?:MANIFEST\.MF)?$/.test(names[0] ?? '') || called(/\.jar$/)],
];

/** jar, jmod, war, apk, wheel, epub, OpenDocument, Office Open XML, nupkg and xpi: zip archives under names of their own. */
export const zipKinds: readonly ContainerComparator[] = KINDS.map(([id]) =>
  zipKind(id, (head, name) => isZip(head) && kindOf(head, name) === id),
);

type Signs = {
  readonly names: readonly string[];
  /** The content of a first member of that name, as OpenDocument and epub have it; empty otherwise. */
  readonly mimetype: string;
  has(name: RegExp): boolean;
  called(name: RegExp): boolean;
};

function kindOf(head: Head, name: string): string | undefined {
  const bytes = Buffer.from(head.buffer, head.byteOffset, head.length);
  const names: string[] = [];
  let mimetype = '';
  for (let at = 0; names.length < NAMES_SEEN && at + LOCAL_BYTES <= bytes.length; ) {
    if (bytes.toString('latin1', at, at + 4) !== 'PK\x03\x04') break;
    const nameEnd = at + LOCAL_BYTES + bytes.readUInt16LE(at + 26);
    names.push(bytes.toString('latin1', at + LOCAL_BYTES, nameEnd));
    const start = nameEnd + bytes.readUInt16LE(at + 28);
    const size = bytes.readUInt32LE(at + 18);
    if (names.length === 1 && names[0] === 'mimetype' && bytes.readUInt16LE(at + 8) === 0)
      mimetype = bytes.toString('latin1', start, Math.min(start + size, start + 100));
    // With a data descriptor the size stands behind the content: where it ends is not known from here.
    if ((bytes.readUInt16LE(at + 6) & 8) !== 0) break;
    at = start + size;
  }
  const lower = name.toLowerCase();
  const archive: Signs = {
    names,
    mimetype,
    has: (pattern) => names.some((each) => pattern.test(each)),
    called: (pattern) => pattern.test(lower),
  };
  return KINDS.find(([, sign]) => sign(archive))?.[0];
}
