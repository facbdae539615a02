import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { countsOf } from '../../../compare/comparison.ts';
import { type Comparison, report } from '../../../compare/index.ts';
import type { Difference } from '../../../model/index.ts';
import { comparisonOf, sampleTree } from '../../helpers/sample-comparison.ts';

const pageOf = async (comparison: Comparison): Promise<string> => [...(await report(comparison, 'html'))].join('');

/** The stretches that a page draws when they are shown, by their numbers. */
const stretches = (page: string): ReadonlyMap<string, string> =>
  new Map(
    [...page.matchAll(/<script type="application\/x-later" id="later-(\d+)">([^<]*)<\/script>/g)].map(
      ([, number = '', packed = '']) => [number, gunzipSync(Buffer.from(packed, 'base64')).toString('utf8')],
    ),
  );

const large: Difference = {
  ...sampleTree,
  children: Array.from({ length: 900 }, (_each, index) => ({
    ...sampleTree,
    path: `member ${index}`,
    diff: `@@ -1,800 +1,800 @@\n${Array.from({ length: 800 }, (_line, line) => `-old ${index} ${line}\n`).join('')}`,
  })),
};

describe('a page of HTML', () => {
  it('asks for nothing from outside', async () => {
    const page = await pageOf(comparisonOf(sampleTree));
    expect(page.replaceAll(/&[a-z]+;/g, '')).not.toMatch(/https?:|\/\/[a-z]|url\(|@import|<link|<iframe|<base/i);
    expect(page).toContain("default-src 'none'");
  });

  it('lets only its own script and style run, by their digests', async () => {
    const page = await pageOf(comparisonOf(sampleTree));
    const policy = /Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1] ?? '';
    const digest = (text: string | undefined): string =>
      `'sha256-${createHash('sha256')
        .update(text ?? '')
        .digest('base64')}'`;
    expect(policy).toContain(`script-src ${digest(/<script>([\s\S]*?)<\/script>/.exec(page)?.[1])};`);
    expect(policy).toContain(`style-src ${digest(/<style>([\s\S]*?)<\/style>/.exec(page)?.[1])};`);
    expect(page).not.toMatch(/ style=| on[a-z]+=["']/);
  });

  it('lets no name become more than a name', async () => {
    const tree = { ...large, children: [...large.children, ...sampleTree.children] };
    const page = await pageOf(comparisonOf(tree, { counts: countsOf(tree) }));
    for (const part of [page, ...stretches(page).values()])
      expect(part).not.toMatch(/<img|<\/script><|onerror=alert\(1\)>/);
    expect(page).toContain('&lt;img src=x onerror=alert(1)&gt;');
  });

  it('gives every node an address of its own, in the page or in what is drawn later', async () => {
    const comparison = comparisonOf(large, { counts: countsOf(large) });
    const page = await pageOf(comparison);
    const drawn = stretches(page);
    const all = [page, ...drawn.values()].join('');
    const addresses = [...all.matchAll(/<details class="node" id="([^"]*)"/g)].map(([, address]) => address);
    expect(addresses.length).toBe(comparison.counts.nodes);
    expect(new Set(addresses).size).toBe(addresses.length);
    expect(addresses.every((address) => /^\S+$/.test(address as string))).toBe(true);
    const wanted = [...all.matchAll(/data-later="(\d+)"/g)].map(([, number]) => number);
    expect(wanted.sort()).toEqual([...drawn.keys()].sort());
    expect(all).toContain('old 899 799');
  });

  it('shows what is small without any script', async () => {
    const page = await pageOf(comparisonOf(sampleTree));
    expect(stretches(page).size).toBe(0);
    expect(page).toContain('Version: 1.0-<b>2</b>');
    expect(page).toContain('<td class="left">0644</td><td class="right"><i>none</i></td>');
  });

  it('shows only pictures that are plainly pictures', async () => {
    const picture = (base64: string): Promise<string> =>
      pageOf(comparisonOf({ ...sampleTree, picture: { mediaType: 'image/png', base64, alt: 'two "dots"' } }));
    expect(await picture('iVBORw0KGgo=')).toContain(
      '<img alt="two &quot;dots&quot;" src="data:image/png;base64,iVBORw0KGgo="',
    );
    expect(await picture('x" onload="y')).not.toContain('<img');
  });
});
