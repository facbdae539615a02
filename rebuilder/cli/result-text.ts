import { join } from 'node:path';
import { controlFile, type FileDigest, type RebuildRecord, type Verdict } from '../../model/index.ts';
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
  const artifacts = artifactTable(record);
  return [
    `${word}${reason}${escapeTerminal(what)}`,
    `${escapeTerminal(verdict.detail)}\n`,
    ...(artifacts === '' ? [] : [artifacts]),
    `evidence: ${escapeTerminal(join(dataFolders(options.data).evidence, id))}`,
    `next: ${nextCommand(record)}\n`,
  ].join('\n');
}

/** What tells more: of a build that failed its log, of anything else the report. */
function nextCommand({ attempts, id }: RebuildRecord): string {
  const failed = attempts.find(({ outcome }) => outcome.kind === 'failed');
  if (failed === undefined) return `reproof show ${id}`;
  return `reproof log ${id}${failed.kind === 'control' ? ' --control' : ''}`;
}

/** One line for each artifact: the published side, and the rebuilt one and the control rebuild's where they are others. */
export function artifactTable(record: RebuildRecord): string {
  return tableText(
    ['ARTIFACT', 'VERDICT', 'SIZE', 'SHA-256'],
    record.artifacts.flatMap((artifact) => {
      const line = (name: string, kind: string, file: FileDigest): readonly string[] => [
        name,
        kind,
        formatSize(file.size),
        file.sha256,
      ];
      const control = controlFile(record, artifact);
      return [
        line(artifact.name, artifact.kind, artifact.kind === 'extra' ? artifact.rebuilt : artifact.published),
        ...(artifact.kind === 'differs' ? [line('', '  rebuilt', artifact.rebuilt)] : []),
        ...(control === undefined ? [] : [line('', '  control', control)]),
      ];
    }),
  );
}
