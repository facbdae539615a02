import fc from 'fast-check';
import { h, type VNode } from 'preact';
import { renderToString } from 'preact-render-to-string';
import { describe, expect, it } from 'vitest';
import { type Element, el } from '../../dashboard/h.ts';
import { inertText, link, queryText, renderPart } from '../../dashboard/index.ts';

const SEEN = '<span class="inert" title="a character that cannot be seen">';

describe('an element', () => {
  it('shows what anybody wrote as text', () => {
    expect(renderPart(el('p', { title: '"><script>' }, '<script>alert(1)</script>&amp;'))).toBe(
      '<p title="&quot;>&lt;script>">&lt;script>alert(1)&lt;/script>&amp;amp;</p>',
    );
  });

  it.each([
    ['an escape of a terminal', '\u001b[2J', '\\x1b'],
    ['a bell', '\u0007', '\\x07'],
    ['C1', '\u009b1A', '\\x9b'],
    ['an override of direction', '\u202egpj.exe', '\\u202e'],
    ['an isolate', '\u2066x', '\\u2066'],
    ['a mark of direction', '\u200fx', '\\u200f'],
    ['a zero-width blank', 'he\u200bllo', '\\u200b'],
    ['a byte order mark', '\ufeffx', '\\ufeff'],
    ['a soft hyphen', 'he\u00adllo', '\\xad'],
    ['a tag', 'x\u{e0041}', '\\u{e0041}'],
    ['half of a pair', 'x\ud800', '\\ud800'],
  ])('makes %s visible, and tells it from the same letters in the text', (_, text, written) => {
    const html = renderPart(el('p', {}, text));
    expect(html).toContain(`${SEEN}${written}</span>`);
    expect(html).not.toMatch(
      /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/,
    );
    expect(renderPart(el('p', { title: text }))).toBe(`<p title="${inertText(text)}"></p>`);
    expect(renderPart(el('p', {}, written))).toBe(`<p>${written}</p>`);
  });

  it('writes those out as plain text where only text may stand', () => {
    expect(renderPart(el('option', { value: 'a' }, 'a\u202eb'))).toBe('<option value="a">a\\u202eb</option>');
  });

  it('leaves letters of all scripts, tabs and lines as they are', () => {
    const text = 'Ångström שלום 日本語 👩\n\tx';
    expect(renderPart(el('pre', {}, text))).toBe(`<pre>${text}</pre>`);
  });

  it.each([
    'javascript:alert(1)',
    'JaVaScRiPt:x',
    ' javascript:x',
    'vbscript:x',
    'data:text/html,x',
    'file:///x',
    '\u0001javascript:x',
  ])('leaves the address %j out', (href) => {
    expect(renderPart(el('a', { href }, 'x'))).toBe('<a>x</a>');
  });

  it.each(['/packages', '#main', '?a=b', 'https://example.org/', 'mailto:a@example.org'])(
    'keeps the address %j',
    (href) => {
      expect(renderPart(el('a', { href }, 'x'))).toBe(`<a href="${href}">x</a>`);
    },
  );
});

type Tree = string | number | false | undefined | readonly Tree[] | Branch;
type Branch = { readonly tag: string; readonly attributes: Record<string, string | number>; readonly inside: Tree[] };
type Make<Made> = (tag: string, attributes: Branch['attributes'], ...inside: Made[]) => Made;

function made<Made>(make: Make<Made>, tree: Tree): Made {
  if (Array.isArray(tree)) return tree.map((one) => made(make, one as Tree)) as Made;
  if (typeof tree !== 'object') return tree as Made;
  const { tag, attributes, inside } = tree as Branch;
  return make(tag, attributes, ...inside.map((one) => made(make, one)));
}

describe('a tree of elements', () => {
  // What needs escaping and what does not; the rest that el does to text is judged above.
  const text = fc.string({ unit: fc.constantFrom(...'aZ &<>"\'`=;\n\té語', '&amp;', '</p>', '<!--', ']]>') });
  const { tree } = fc.letrec<{ tree: Tree; branch: Branch }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 4 },
      text,
      fc.constantFrom(0, 1.5, false as const, undefined),
      fc.array(tie('tree'), { maxLength: 3 }),
      tie('branch'),
    ),
    branch: fc.record({
      tag: fc.constantFrom('p', 'a', 'svg', 'path', 'script', 'option', 'time', 'pre'),
      attributes: fc.dictionary(
        fc.constantFrom('class', 'title', 'id', 'aria-label', 'datetime', 'viewBox', 'for'),
        fc.oneof(text, fc.nat()),
      ),
      inside: fc.array(tie('tree'), { maxLength: 3 }),
    }),
  }));

  it('is written as preact writes the same', () => {
    fc.assert(
      fc.property(tree, (inside) => {
        const whole: Branch = { tag: 'div', attributes: {}, inside: [inside] };
        const ours = made(el as unknown as Make<Element>, whole);
        expect(renderPart(ours)).toBe(renderToString(made(h as unknown as Make<VNode>, whole)));
      }),
      { numRuns: 500, seed: 6 },
    );
  });

  it('has nothing in it that only looks like an element', () => {
    const stranger = JSON.parse('{"html":"<script>","props":{},"type":"script"}') as never;
    expect(renderPart(el('p', {}, 'a', stranger, [stranger], null as never))).toBe('<p>a</p>');
  });
});

describe('an address of ours', () => {
  it('escapes each segment, so that a name leads nowhere else', () => {
    expect(link({ basePath: '/amd64' }, ['packages', 'debian', 'a/../b?c#d%', 'x\ud800'])).toBe(
      '/amd64/packages/debian/a%2F..%2Fb%3Fc%23d%25/x%EF%BF%BD',
    );
    const up = new URL(link({ basePath: '' }, ['packages', '..', '.']), 'https://example.org/');
    expect(up.pathname).toMatch(/^\/packages\/[^/]+\/[^/]+$/);
  });

  it('names in its query what is there', () => {
    expect(queryText({ name: 'a&b=c', release: undefined, cause: '', page: 2 })).toBe('?name=a%26b%3Dc&page=2');
    expect(queryText({})).toBe('');
  });
});
