import { join } from 'node:path';
import type { ArtifactVerdict, RebuildRecord, Verdict } from '../../model/index.ts';
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
  const artifacts = tableText(
    ['ARTIFACT', 'VERDICT', 'SIZE', 'SHA-256'],
    record.artifacts.map((artifact) => {
      const file = artifactFile(artifact);
      return [artifact.name, artifact.kind, formatSize(file.size), file.sha256];
    }),
  );
  return [
    `${word}${reason}${escapeTerminal(what)}`,
    `${escapeTerminal(verdict.detail)}\n`,
    ...(artifacts === '' ? [] : [artifacts]),
    `evidence: ${escapeTerminal(join(dataFolders(options.data).evidence, id))}`,
    `next: reproof show ${id}\n`,
  ].join('\n');
}

/** The side of an artifact that is told in one line: the published one, where there is one. */
function artifactFile(artifact: ArtifactVerdict): { readonly size: number; readonly sha256: string } {
  return artifact.kind === 'extra' ? artifact.rebuilt : artifact.published;
}
