import { join } from 'node:path';
import type { ArtifactVerdict, FileDigest, RebuildRecord, Verdict } from '../../model/index.ts';
import { dataFolders } from './folders.ts';
import { type Colour, paint } from './output.ts';
import { tableText } from './table.ts';
import { escapeTerminal } from './terminal-text.ts';
import { formatSize } from './units.ts';

const VERDICT_COLOURS: Readonly<Record<Verdict['kind'], Colour>> = {
  reproducible: 'green',
  unreproducible: 'red',
  inconclusive: 'yellow',
  'failed-to-build': 'red',
};

/** The end of a rebuild for a person: the word, why, each artifact, where the evidence lies, what to run next. */
export function resultText(record: RebuildRecord, options: { colour: boolean; data: string }): string {
  const { verdict, target, id } = record;
  const word = paint(verdict.kind, VERDICT_COLOURS[verdict.kind], options.colour);
  const reason = 'reason' in verdict ? ` (${verdict.reason})` : '';
  const what =
    target === undefined ? '' : `: ${target.source} ${target.version} ${target.suite} ${target.architecture}`;
  const artifacts = artifactTable(record.artifacts);
  return [
    `${word}${reason}${escapeTerminal(what)}`,
    `${escapeTerminal(verdict.detail)}\n`,
    ...(artifacts === '' ? [] : [artifacts]),
    `evidence: ${escapeTerminal(join(dataFolders(options.data).evidence, id))}`,
    `next: reproof show ${id}\n`,
  ].join('\n');
}

/** One line for each artifact: the published side, and the rebuilt one where it is another. */
export function artifactTable(artifacts: readonly ArtifactVerdict[]): string {
  return tableText(
    ['ARTIFACT', 'VERDICT', 'SIZE', 'SHA-256'],
    artifacts.flatMap((artifact) => {
      const line = (name: string, kind: string, file: FileDigest): readonly string[] => [
        name,
        kind,
        formatSize(file.size),
        file.sha256,
      ];
      if (artifact.kind === 'extra') return [line(artifact.name, artifact.kind, artifact.rebuilt)];
      const published = line(artifact.name, artifact.kind, artifact.published);
      return artifact.kind === 'differs' ? [published, line('', '  rebuilt', artifact.rebuilt)] : [published];
    }),
  );
}
