import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ERROR_EXIT_STATUS } from '../../model/index.ts';
import { root } from './cruise.ts';

type Section = { readonly code: string; readonly text: string };

/** The sections of docs/errors.md that describe a code: those with a heading of the third level. */
function readSections(): readonly Section[] {
  const page = readFileSync(join(root, 'docs', 'errors.md'), 'utf8');
  return page
    .split(/^### /m)
    .slice(1)
    .map((part) => {
      const [code = '', ...lines] = part.split('\n');
      return { code, text: lines.join('\n').replace(/^## [\s\S]*$/m, '') };
    });
}

describe('docs/errors.md', () => {
  const sections = readSections();

  it('describes every code once, and no other', () => {
    expect(sections.map(({ code }) => code).sort()).toEqual(Object.keys(ERROR_EXIT_STATUS).sort());
  });

  it.each(Object.entries(ERROR_EXIT_STATUS))(
    'says of %s what it means, its exit status %i, and what to do',
    (code, status) => {
      const { text } = sections.find((section) => section.code === code) ?? { text: '' };
      expect(text).toMatch(/^- What it means: .{20,}\.$/m);
      expect(text).toMatch(new RegExp(`^- Exit status: ${status}$`, 'm'));
      expect(text).toMatch(/^- What to do: .{20,}$/m);
    },
  );
});
