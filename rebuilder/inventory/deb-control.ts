import { type Paragraph, parseParagraphs } from '../../formats/index.ts';
import { isReproofError } from '../../model/index.ts';
import { type ArtifactContents, RELATION_FIELDS } from '../../sbom/index.ts';
import { isArchitecture, sourceField } from '../ecosystem/debian/fields.ts';
import { isPackageName } from '../ecosystem/debian/package-entry.ts';
import { isVersion } from '../ecosystem/debian/version.ts';
import { malformed } from './deb-members.ts';

/** Reads a .deb's control file (deb-control(5)). Throws ARCHIVE_MALFORMED, naming the field. */
export function readControl(
  bytes: Uint8Array,
  name: string,
): Pick<ArtifactContents, 'package' | 'source' | 'relations'> {
  const paragraph = onlyParagraph(bytes, name);
  const need = (field: string, isGood: (value: string) => boolean): string => {
    const value = paragraph.get(field);
    if (value === undefined || !isGood(value)) throw malformed(name, `${field} of its control file is not one`);
    return value;
  };
  const own = { name: need('Package', isPackageName), version: need('Version', isVersion) };
  const source = sourceField(paragraph.get('Source') ?? own.name);
  if (source === undefined || (source.version !== undefined && !isVersion(source.version)))
    throw malformed(name, 'Source of its control file is not one');
  const relations = RELATION_FIELDS.flatMap((field) => {
    const value = paragraph.get(field);
    return value === undefined ? [] : [[field, value] as const];
  });
  return {
    package: { ...own, architecture: need('Architecture', isArchitecture) },
    source: { name: source.name, version: source.version ?? own.version.replace(/\+b[0-9]+$/, '') },
    relations: Object.fromEntries(relations),
  };
}

function onlyParagraph(bytes: Uint8Array, name: string): Paragraph {
  try {
    const limits = {
      paragraphBytes: bytes.length + 1,
      fields: 500,
      paragraphs: 1,
      name: `the control file of ${name}`,
    };
    const [paragraph] = parseParagraphs(bytes, limits);
    if (paragraph !== undefined) return paragraph;
  } catch (error) {
    if (!isReproofError(error, 'DEB822_SYNTAX', 'DEB822_LIMIT')) throw error;
    throw malformed(name, error.message);
  }
  throw malformed(name, 'its control file is empty');
}
