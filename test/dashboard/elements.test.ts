import { describe, expect, it } from 'vitest';
import { el, inertText, link, queryText, renderPart } from '../../dashboard/index.ts';

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
