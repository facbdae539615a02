import type { Frame } from '../frame.ts';
import { type Element, el } from '../h.ts';
import type { Page } from '../layout.ts';
import { CAUSES } from '../parts/causes.ts';
import { sign } from '../parts/verdict.ts';
import { VERDICTS, WORDS, type Word } from './reading-words.ts';

/** What each word on these pages proves, and what not. */
export function readingPage(_frame: Frame): Page {
  return {
    title: 'How to read this',
    section: 'reading',
    description: 'What a verdict of a rebuild proves and what not, for each word on these pages.',
    main: [
      el('h1', {}, 'How to read this'),
      el(
        'div',
        { class: 'prose' },
        el(
          'p',
          { class: 'lead' },
          'Software is published as source that people can read, and as packages that machines run. A rebuild asks whether the one really came from the other.',
        ),
        el(
          'p',
          {},
          'We take the source, build it again in the environment it was built in, and compare the result with what is published, byte by byte. ' +
            'If all bytes are equal, whoever built the published package added nothing to it. If not, we say what differs and why, as far as it shows. ' +
            'Bytes alone decide; no explanation can change a verdict.',
        ),
      ),
      el('h2', { id: 'verdicts' }, 'Verdicts'),
      el('dl', { class: 'words' }, VERDICTS.map(wordEntry)),
      el('h2', { id: 'words' }, 'Other words'),
      el('dl', { class: 'words' }, WORDS.map(wordEntry)),
      el('h2', { id: 'causes' }, 'Causes'),
      el('p', {}, 'What may differ, and what to look at first.'),
      el(
        'dl',
        { class: 'words' },
        Object.entries(CAUSES).map(([cause, [title, words]]) =>
          el('div', { id: `cause-${cause}` }, el('dt', {}, title), el('dd', {}, words)),
        ),
      ),
    ],
  };
}

function wordEntry({ id, word, look, says, not, next }: Word): Element {
  return el(
    'div',
    { id },
    el('dt', {}, look !== undefined && sign(look), word),
    el('dd', {}, says),
    not !== undefined && el('dd', { class: 'not' }, el('strong', {}, 'Not: '), not),
    next !== undefined && el('dd', { class: 'next' }, el('strong', {}, 'What to do: '), next),
  );
}
