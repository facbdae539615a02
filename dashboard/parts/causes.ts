import { explained, type Frame } from '../frame.ts';
import { type Element, el } from '../h.ts';

/** Each kind of reason in plain words: what differs, and what to look at first. See docs/differences.md. */
export const CAUSES = {
  timestamp: ['Dates and times', 'A date of the build is stored. Use SOURCE_DATE_EPOCH.'],
  order: ['Order', 'The same things come in another order. Sort what is read from folders, hashes and parallel work.'],
  path: [
    'Paths of the build',
    'The folder it was built in is stored. Map it away (-ffile-prefix-map) or write paths relative.',
  ],
  mode: ['Permission bits', 'Modes of files follow the umask. Set them when installing.'],
  owner: ['Owners', 'Users or groups are stored by the name or number of who built.'],
  compression: ['Compression', 'The same content is packed by another compressor, setting or header (gzip -n).'],
  packing: ['Packing', 'Equal members are stored in another way by their archive.'],
  padding: ['Padding', 'Bytes without meaning differ. Clear buffers before they are written.'],
  'version-text': ['Versions of tools', 'The version of a compiler or library is stored: another was used.'],
  'build-id': ['Build ids', 'The linker’s identifier of its output. It follows from any other difference.'],
  addresses: ['Addresses of memory', 'Addresses of a running program are stored; they change with each run.'],
  signature: ['Signatures and keys', 'Something is signed, or a key made, during the build.'],
  random: ['Randomness', 'Identifiers or bytes are drawn at random. Derive them from the source.'],
  'line-endings': ['Line endings', 'The same lines end otherwise.'],
  whitespace: ['Blanks', 'The same text with other blanks.'],
  encoding: ['Encodings', 'The same text in another encoding: the locale of the build.'],
  renamed: ['Names of files', 'The same content under another name.'],
  metadata: ['Metadata', 'Fields about the content differ, and not the content.'],
  checksum: ['Checksums', 'A checksum over something else that differs. It follows from that.'],
  'missing-or-extra': ['Missing or extra files', 'Something is there on one side alone.'],
  layout: ['Layout', 'The same parts lie in other places.'],
  'debug-info': ['Debug information', 'What debuggers read differs.'],
  code: ['Code', 'Instructions differ: another compiler, other flags, or another processor.'],
  data: ['Data', 'Bytes differ, and nothing says why.'],
  text: ['Text', 'Lines differ, and nothing says why.'],
} as const satisfies Readonly<Record<string, readonly [title: string, words: string]>>;

export type CauseName = keyof typeof CAUSES;

/** A cause's title; a name that is not known is its own. */
export function causeTitle(cause: string): string {
  return Object.hasOwn(CAUSES, cause) ? CAUSES[cause as CauseName][0] : cause;
}

/** Causes with links to what they mean. */
export function causeList(frame: Pick<Frame, 'basePath'>, causes: readonly string[]): Element {
  return el(
    'ul',
    { class: 'causes inline' },
    causes.map((cause) => el('li', {}, el('a', { href: explained(frame, `cause-${cause}`) }, causeTitle(cause)))),
  );
}

/** What the reasons of verdicts say, in a sentence each: docs/verdicts.md. */
export const REASONS: Readonly<Record<string, string>> = {
  nondeterministic:
    'Two rebuilds of ours from the same plan gave different bytes: the cause is in the package or its tools.',
  different: 'In the very environment that its publisher recorded, other bytes came out.',
  'environment drift':
    'The build is steady, but ours was not the environment of its publisher: that one was not recorded, or could not be had.',
  'source unavailable': 'Files of the source package could not be had.',
  'environment unavailable': 'Packages of the recorded environment could not be had, or could not be installed.',
  'control rebuild missing': 'Files differ, and no second rebuild tells drift from nondeterminism.',
  'nothing published': 'There is no published file to judge by.',
  'limit exceeded': 'The build was stopped by a limit of ours.',
  infrastructure: 'The machine or the service that rebuilt it failed. It is tried again.',
  'published files changed': 'The archive has other files by now than those that were listed.',
};

/** What a verdict's reason says, in a sentence; undefined where there is none. */
export function reasonSentence(judged: {
  readonly verdict?: string | undefined;
  readonly reason?: string | undefined;
}): string | undefined {
  const { verdict, reason } = judged;
  if (reason !== undefined && Object.hasOwn(REASONS, reason)) return REASONS[reason];
  if (verdict === 'failed-to-build') return 'The package’s own build ended with a failure.';
  if (verdict === 'reproducible') return 'Every published file that was judged came out bit for bit.';
  return undefined;
}
