import { CYCLONEDX_TYPE, SPDX_TYPE } from '../statement/types.ts';

/** A statement as it is laid out: `name` is of the file it is about, or `environment`. */
export type LaidOutStatement = {
  readonly name: string;
  readonly word: string;
  readonly predicateType: string;
  readonly logged: boolean;
  /** The file cosign is given: as published, or as rebuilt where that is another. */
  readonly artifact: string;
};

/** What is written beside evidence that is laid out: the commands that check it, with tools that are not ours. */
export function readmeOf(statements: readonly LaidOutStatement[], { withLog }: { readonly withLog: boolean }): string {
  const blocks = statements.map((statement) => `## ${statement.name}: ${statement.word}\n\n${commandsOf(statement)}`);
  return `${[HEAD, ...blocks, ...(withLog ? [LOG] : []), FOOT].join('\n\n')}\n`;
}

const HEAD = `# Evidence of a rebuild

What rebuilds found, signed. No command below needs the network or reproof. Get \`statement.pub\` and the log's key from
their operator by another way, too: a key that comes with what it signed proves nothing of who signed. \`NAME\` itself is
the file as it was published; where it is not here, get it from its archive.

\`\`\`sh
sha256sum -c SHA256SUMS
\`\`\``;

/** cosign's own words for types; it takes those that it has none for as they are. */
const COSIGN_TYPES: Readonly<Record<string, string>> = { [CYCLONEDX_TYPE]: 'cyclonedx', [SPDX_TYPE]: 'spdxjson' };

function commandsOf({ name, word, predicateType, logged, artifact }: LaidOutStatement): string {
  const stem = `${name}.${word}`;
  const log = logged ? '--trusted-root trusted-root.json' : '--insecure-ignore-tlog=true';
  const type = COSIGN_TYPES[predicateType] ?? predicateType;
  return [
    '```sh',
    `cosign verify-blob-attestation --bundle ${stem}.sigstore.json --key statement.pub ${log} --type ${type} ${artifact}`,
    `openssl dgst -sha256 -verify statement.pub -signature ${stem}.sig ${stem}.signed`,
    '```',
  ].join('\n');
}

const LOG = `## The log

\`\`\`sh
openssl pkeyutl -verify -pubin -inkey log.pub -rawin -in checkpoint.signed -sigfile checkpoint.sig
\`\`\``;

const FOOT = `What these commands prove: the holder of the key signed these words about these bytes and, with the trusted root, the log
holds the statement. They do not prove that the words are true: that takes rebuilders that do not depend on each other
(\`reproof verify\` counts them), or a rebuild of your own.`;
