import { renderText } from '../../../compare/index.ts';
import {
  type ArtifactVerdict,
  CONTROL_PAIR,
  controlFile,
  type Difference,
  type FileDigest,
  type RebuildAttempt,
  type RebuildRecord,
} from '../../../model/index.ts';
import { clean, colour, layOut, type Paragraph, type ReportOptions, type Style, wrap } from './layout.ts';
import { verificationParagraphs } from './verification-text.ts';
import {
  ATTEMPT_WORDS,
  counted,
  outcomeWords,
  requestWords,
  secondsWords,
  VERDICT_STYLES,
  verdictWords,
} from './words.ts';

/**
 * A rebuild's record as a report for people: the verdict and why, what was asked, what was verified and by which key,
 * the environment, the attempts, every file with both digests, the differences, the stages. Ends in a newline.
 * Everything from outside is escaped; nothing depends on locale or time zone. Lines keep within `width` characters
 * (40 at least), but for words that are longer: digests stay whole.
 */
export function recordText(record: RebuildRecord, options: ReportOptions): string {
  const sections: readonly (readonly string[])[] = [
    headLines(record, options),
    section('Asked', askedParagraphs(record), options),
    section('Verified', verificationParagraphs(record.verified), options),
    section('Environment', environmentParagraphs(record), options),
    section('Builds', record.attempts.flatMap(attemptParagraphs), options),
    section(
      'Files',
      record.artifacts.flatMap((artifact) => artifactParagraphs(artifact, controlFile(record, artifact))),
      options,
    ),
    differenceLines(
      'Differences (- published, + rebuilt)',
      record.differences.filter((difference) => !isControlPair(difference)),
      options,
    ),
    differenceLines(
      'Differences between two rebuilds (- first, + control)',
      record.differences.filter(isControlPair).map((difference) => ({
        ...difference,
        path: difference.path.slice(CONTROL_PAIR.length),
      })),
      options,
    ),
    section('Notes', record.notes.map(noteParagraph), options),
    section('Stages', stageParagraphs(record), options),
  ];
  const shown = sections.filter((lines) => lines.length > 0);
  return `${shown.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

function headLines(record: RebuildRecord, options: ReportOptions): readonly string[] {
  const { verdict, target } = record;
  const what =
    target === undefined
      ? requestWords(record.request)
      : `${target.source} ${target.version} (${target.suite}, ${target.architecture})`;
  const word = `${verdictWords(verdict)}:`;
  const head = { indent: 0, label: word, labelWidth: word.length + 1, text: what, style: VERDICT_STYLES[verdict.kind] };
  return [head, plain(2, verdict.detail), plain(2, `rebuild ${record.id}, by reproof ${record.reproof}`)].flatMap(
    (paragraph) => layOut(paragraph, options),
  );
}

function section(title: string, paragraphs: readonly Paragraph[], options: ReportOptions): readonly string[] {
  if (paragraphs.length === 0) return [];
  return [colour(title, 'bold', options), ...paragraphs.flatMap((paragraph) => layOut(paragraph, options))];
}

function plain(indent: number, text: string): Paragraph {
  return { indent, label: '', labelWidth: 0, text };
}

function field(label: string, text: string): Paragraph {
  return { indent: 2, label, labelWidth: 18, text };
}

function askedParagraphs(record: RebuildRecord): readonly Paragraph[] {
  const only = record.only.length === 0 ? [] : [field('only', record.only.join(', '))];
  return [field('for', requestWords(record.request)), ...only];
}

const BASIS_WORDS = {
  recorded: 'recorded: the packages a .buildinfo wrote down',
  inferred: 'inferred: build dependencies as the suite has them now',
} as const;

function environmentParagraphs(record: RebuildRecord): readonly Paragraph[] {
  const { basis, environment, engine, planDigest } = record;
  return [
    ...(basis === undefined ? [] : [field('basis', BASIS_WORDS[basis])]),
    ...(planDigest === undefined ? [] : [field('plan', planDigest)]),
    ...(environment === undefined
      ? []
      : [
          field('lock', environment.lockDigest),
          field('root file system', environment.rootfsDigest),
          field('packages', `${environment.packages}${environment.reused ? ', made before' : ''}`),
        ]),
    ...(record.tests === undefined
      ? []
      : [field("package's tests", record.tests === 'run' ? 'run' : 'left out (nocheck)')]),
    ...(engine === undefined ? [] : [field('engine', `${engine.name} ${engine.version}`)]),
  ];
}

function attemptParagraphs(attempt: RebuildAttempt): readonly Paragraph[] {
  const { log, outcome } = attempt;
  const style: Style | undefined = outcome.kind === 'built' ? undefined : outcome.kind === 'failed' ? 'red' : 'yellow';
  const below = (label: string, text: string): Paragraph => ({ indent: 4, label, labelWidth: 10, text });
  return [
    {
      ...field(ATTEMPT_WORDS[attempt.kind], `${outcomeWords(outcome)}, ${secondsWords(attempt.wallSeconds)}`),
      ...(style === undefined ? {} : { style }),
    },
    ...(outcome.kind === 'failed' ? outcome.notes.map((note) => below('note', note)) : []),
    ...attempt.varied.map((what, index) => below(index === 0 ? 'varied' : ' ', what)),
    below('left', counted(attempt.artifacts.length, 'file')),
    below('log', `${counted(log.bytes, 'byte')}${log.truncated ? ', cut' : ''}, blob ${log.blob}`),
  ];
}

const ARTIFACT_STYLES = {
  identical: 'green',
  differs: 'red',
  missing: 'red',
  extra: 'dim',
} as const satisfies Record<ArtifactVerdict['kind'], Style>;

function artifactParagraphs(artifact: ArtifactVerdict, control: FileDigest | undefined): readonly Paragraph[] {
  const side = (label: string, file: FileDigest): Paragraph => ({
    indent: 4,
    label,
    labelWidth: 11,
    text: `${counted(file.size, 'byte')} ${file.sha256}`,
  });
  return [
    { indent: 2, label: artifact.kind, labelWidth: 11, text: artifact.name, style: ARTIFACT_STYLES[artifact.kind] },
    ...('published' in artifact ? [side('published', artifact.published)] : []),
    ...('rebuilt' in artifact ? [side('rebuilt', artifact.rebuilt)] : []),
    ...(control === undefined ? [] : [side('control', control)]),
  ];
}

function isControlPair(difference: Difference): boolean {
  return difference.path.startsWith(CONTROL_PAIR);
}

// A tree's lines are indented by depth; a line that is too long goes on further in than the line below it begins.
function differenceLines(title: string, differences: readonly Difference[], options: ReportOptions): readonly string[] {
  if (differences.length === 0) return [];
  const lines = differences.flatMap((difference) => renderText(difference).trimEnd().split('\n'));
  const width = Math.max(40, options.width);
  return [
    colour(title, 'bold', options),
    ...lines.flatMap((line) => {
      const depth = Math.min(line.search(/[^ ]|$/), width / 2 - 2);
      const [first = '', ...rest] = wrap(clean(line.trimStart()), width - depth - 6);
      return [' '.repeat(depth + 2) + first, ...rest.map((more) => ' '.repeat(depth + 6) + more)];
    }),
  ];
}

function noteParagraph(note: string): Paragraph {
  return { indent: 2, label: '-', labelWidth: 2, text: note };
}

function stageParagraphs(record: RebuildRecord): readonly Paragraph[] {
  return record.stages.map((time) =>
    field(
      time.stage,
      `${time.startedAt}  ${secondsWords(time.wallSeconds)}${time.resumed ? ', from an earlier run' : ''}`,
    ),
  );
}
