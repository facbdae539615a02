import { type Frame, link } from '../frame.ts';
import { type Child, el } from '../h.ts';
import { codeToCopy } from '../parts/code.ts';
import { note } from '../parts/states.ts';
import type { RebuildValues } from './values.ts';

/** All that can be taken away, and what checks it without us. */
export function evidence(frame: Frame, { result, files, record, signed }: RebuildValues): readonly Child[] {
  const at = ['api', 'rebuilds', String(result.id)];
  const item = (path: readonly string[], label: string, words: string): Child =>
    el('li', {}, el('a', { href: link(frame, [...at, ...path]) }, label), ` ${words}`);
  const ofFiles = files.flatMap(({ id, fileName, report, attestation }) => [
    ...(report === undefined
      ? []
      : [item(['artifacts', String(id), 'report'], `${fileName}: report`, 'what differs, as text')]),
    ...(attestation === undefined
      ? []
      : [item(['artifacts', String(id), 'attestation'], `${fileName}: attestation`, 'signed by whoever built it')]),
  ]);
  const published = files.find((file) => file.published !== undefined);
  return [
    el('h2', { id: 'evidence' }, 'Evidence'),
    el(
      'ul',
      {},
      result.record !== undefined && item(['record'], 'Record', 'all of this as one JSON document (docs/json.md)'),
      result.log !== undefined && item(['log'], 'Log', 'as text'),
      item([], 'This page', 'as JSON'),
      signed.statements && item(['statements'], 'Statements', 'what is signed of it, and its places in the log'),
      signed.pack && item(['evidence'], 'Evidence pack', 'all that is signed of it in one file, with proofs and keys'),
      ofFiles,
    ),
    el('h3', { id: 'check' }, 'Check it with tools of others'),
    signed.pack && packCommands(frame, { result, published: published?.fileName }),
    record !== undefined &&
      result.record !== undefined && [
        note('The record is named by its SHA-256: what comes down has to have it.'),
        codeToCopy(
          'Fetch the record and check its digest',
          `curl -sS ${quoted(`${frame.publicUrl}/api/rebuilds/${result.id}/record`)} -o record.json\n` +
            `echo '${hex(result.record)}  record.json' | sha256sum -c`,
        ),
      ],
    published?.published !== undefined && [
      note('The digests above are those of the archive: any mirror’s signed index names the same.'),
      codeToCopy(
        'Check a published file against this page',
        `echo '${hex(published.published.sha256)}  '${quoted(published.fileName)} | sha256sum -c`,
      ),
    ],
  ];
}

/** What checks an evidence pack: docs/verify.md. */
function packCommands(
  frame: Frame,
  { result, published }: { readonly result: RebuildValues['result']; readonly published: string | undefined },
): readonly Child[] {
  const pack = `rebuild-${result.id}.evidence.tar`;
  const bundle = quoted(`${published ?? 'FILE'}.comparison.sigstore.json`);
  return [
    note('Statements are signed and logged. Have the public key from its owner on another way than this page.'),
    codeToCopy(
      'Fetch the evidence and lay it out',
      `curl -sS ${quoted(`${frame.publicUrl}/api/rebuilds/${result.id}/evidence`)} -o ${pack}\n` +
        `reproof evidence ${pack} --extract evidence && cd evidence && sha256sum -c SHA256SUMS`,
    ),
    codeToCopy(
      'Check the signed comparison with cosign',
      `cosign verify-blob-attestation --bundle ${bundle} --key statement.pub --trusted-root trusted-root.json ` +
        `--type https://reproof.dev/attestations/rebuild-comparison/v1 ${quoted(published ?? 'FILE')}`,
    ),
  ];
}

/** The command that does it again elsewhere. */
export function repeat({ result, record }: RebuildValues): readonly Child[] {
  const { source, version, release, architecture } = result;
  const suite = record?.target?.suite ?? release;
  const target =
    record?.request.kind === 'buildinfo' && /^https?:/.test(record.request.location)
      ? record.request.location
      : `debian:${source}=${version}`;
  const words = [
    'reproof',
    'rebuild',
    quoted(target),
    ...(suite === undefined ? [] : ['--suite', quoted(suite)]),
    ...(architecture === 'all' ? [] : ['--arch', quoted(architecture)]),
  ];
  return [
    el('h2', { id: 'repeat' }, 'Repeat it yourself'),
    el('p', {}, 'On a machine with a container engine this builds it again and compares every byte:'),
    codeToCopy('The command', words.join(' ')),
  ];
}

/** A word of a shell. */
function quoted(text: string): string {
  return /^[A-Za-z0-9.+~:=@_/-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

function hex(text: string): string {
  return /^[0-9a-f]{64}$/.test(text) ? text : '';
}
