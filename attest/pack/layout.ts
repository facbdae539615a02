import { isSha256, ReproofError, type Sha256 } from '../../model/index.ts';

/** The first member of every pack: says that it is one, and of which version. */
export const PACK_HEAD_NAME = 'reproof-evidence.json';
export const PACK_HEAD = '{"schema":"reproof-evidence/1"}\n';

/** Single files. What they say is unsigned: nothing is believed because of them. */
export const SINGLE_FILES = ['checkpoint', 'log.pub', 'statement.pub', 'trusted-root.json'] as const;
export type SingleFile = (typeof SINGLE_FILES)[number];

/** Files by the SHA-256 of their bytes: the folder and how their names end. */
export const FOLDERS = {
  /** Bytes as published or as rebuilt; last, for they can be large. */
  artifacts: '',
  /** in-toto links as rebuilderd signs them. */
  links: '.link.json',
  /** sigstore bundles of statements. */
  statements: '.sigstore.json',
} as const;
export type Folder = keyof typeof FOLDERS;

export type PackMember =
  | { readonly kind: 'single'; readonly name: SingleFile }
  | { readonly kind: Folder; readonly sha256: Sha256 };

/** The name of a member that is called by its digest. */
export function memberName(folder: Folder, sha256: Sha256): string {
  return `${folder}/${sha256}${FOLDERS[folder]}`;
}

/** What a name stands for. The set is closed: no name is anybody's choice. Throws EVIDENCE_MALFORMED. */
export function readMemberName(name: string): PackMember {
  const single = SINGLE_FILES.find((known) => known === name);
  if (single !== undefined) return { kind: 'single', name: single };
  const [folder = '', file = ''] = name.split('/');
  if (folder in FOLDERS && Object.hasOwn(FOLDERS, folder)) {
    const kind = folder as Folder;
    const sha256 = file.slice(0, 64);
    if (isSha256(sha256) && file === `${sha256}${FOLDERS[kind]}`) return { kind, sha256 };
  }
  throw new ReproofError('EVIDENCE_MALFORMED', `reading a pack: it has a member of the unknown name ${name}`);
}

/** Members' order in a pack: single files, then folders, artifacts last, each by name. */
export function memberOrder(name: string): string {
  const member = readMemberName(name);
  if (member.kind === 'single') return `0 ${name}`;
  return `${member.kind === 'artifacts' ? '2' : '1'} ${name}`;
}
