import { type Frame, link } from './frame.ts';
import { type Child, type Element, el } from './h.ts';

/** The parts of the dashboard that its navigation names. */
export type Section = 'overview' | 'packages' | 'hash' | 'host' | 'reading' | 'operator';

/** The same content in another form. */
export type Alternate = {
  readonly href: string;
  readonly type: 'application/json' | 'text/csv' | 'application/atom+xml' | 'text/plain';
  readonly label: string;
};

/** What a page is, without what all pages have. */
export type Page = {
  /** For the window and the outline; without the site's name. */
  readonly title: string;
  readonly description?: string;
  readonly section?: Section;
  /** The lists of this page for programs: named in the head and beside the list. */
  readonly alternates?: readonly Alternate[];
  /** Names of islands/*.ts; the page works without them. */
  readonly islands?: readonly string[];
  /** Whether search engines should leave it out: what people search for, and what ends soon. */
  readonly unlisted?: boolean;
  readonly main: readonly Child[];
};

const SECTIONS: readonly { readonly section: Section; readonly at: readonly string[]; readonly label: string }[] = [
  { section: 'overview', at: [], label: 'Overview' },
  { section: 'packages', at: ['packages'], label: 'Packages' },
  { section: 'hash', at: ['hash'], label: 'By hash' },
  { section: 'host', at: ['host'], label: 'My host' },
  { section: 'reading', at: ['reading'], label: 'How to read this' },
];

/** A whole document. The same values give the same bytes. */
export function renderPage(frame: Frame, page: Page): string {
  return `<!doctype html>\n${document(frame, page).html}\n`;
}

/** A part of a page, for answers that replace it in place. */
export function renderPart(part: Element): string {
  return part.html;
}

function document(frame: Frame, page: Page): Element {
  const { islands = [], alternates = [] } = page;
  return el(
    'html',
    { lang: 'en' },
    el(
      'head',
      {},
      el('meta', { charset: 'utf-8' }),
      el('meta', { name: 'viewport', content: 'width=device-width, initial-scale=1' }),
      el('title', {}, page.section === 'overview' ? 'Reproof' : `${page.title} · Reproof`),
      page.description !== undefined && el('meta', { name: 'description', content: page.description }),
      page.unlisted === true && el('meta', { name: 'robots', content: 'noindex' }),
      el('meta', { name: 'color-scheme', content: 'light dark' }),
      el('link', { rel: 'stylesheet', href: frame.stylesheet }),
      el('link', { rel: 'icon', type: 'image/svg+xml', href: frame.icon }),
      alternates.map(({ href, type, label }) => el('link', { rel: 'alternate', type, title: label, href })),
      islands.map((name) => {
        const src = frame.islands[name];
        return src !== undefined && el('script', { type: 'module', src });
      }),
    ),
    el(
      'body',
      {},
      el('a', { class: 'skip', href: '#main' }, 'Skip to the content'),
      header(frame, page.section),
      el('main', { id: 'main', tabindex: -1 }, page.main),
      footer(frame),
    ),
  );
}

function header(frame: Frame, current: Section | undefined): Element {
  return el(
    'header',
    { class: 'site' },
    el('a', { class: 'brand', href: link(frame, []) }, mark(), el('span', {}, 'Reproof')),
    el(
      'nav',
      { 'aria-label': 'Main' },
      el(
        'ul',
        {},
        SECTIONS.map(({ section, at, label }) =>
          el('li', {}, el('a', { href: link(frame, at), 'aria-current': section === current && 'page' }, label)),
        ),
      ),
    ),
    el(
      'form',
      { class: 'find', role: 'search', 'aria-label': 'Packages', action: link(frame, ['packages']), method: 'get' },
      el('label', { class: 'unseen', for: 'find' }, 'Find a package by the beginning of its name'),
      el('input', {
        id: 'find',
        name: 'name',
        type: 'search',
        placeholder: 'Find a package',
        autocomplete: 'off',
        spellcheck: 'false',
        maxlength: 200,
      }),
      el('button', {}, 'Find'),
    ),
  );
}

/** Two equal squares that cover each other: the same bytes twice. */
function mark(): Element {
  return el(
    'svg',
    { class: 'mark', viewBox: '0 0 24 24', width: 24, height: 24, 'aria-hidden': 'true', focusable: 'false' },
    el('path', { d: 'M3 3h13v13H3z' }),
    el('path', { class: 'over', d: 'M8 8h13v13H8z' }),
  );
}

function footer(frame: Frame): Element {
  return el(
    'footer',
    { class: 'site' },
    el(
      'p',
      {},
      'A verdict says that bytes came out again, and nothing of whether a program is good. ',
      el('a', { href: link(frame, ['reading']) }, 'How to read this'),
    ),
    el(
      'ul',
      { class: 'inline' },
      el('li', {}, el('a', { href: link(frame, ['api', 'openapi.json']) }, 'API')),
      el('li', {}, el('a', { href: link(frame, ['api', 'feeds', 'regressions.atom']) }, 'Feed of regressions')),
      el('li', {}, el('a', { href: link(frame, ['operator']) }, 'Operators')),
      el('li', {}, `Reproof ${frame.version}`),
    ),
  );
}
