import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { TOOLS, type Tool } from '../../../compare/helpers/tools.ts';
import { listTools } from '../../../compare/index.ts';
import { readSources } from '../../architecture/sources.ts';

describe('the list of outside programs', () => {
  it('is the only place in compare/ that says how one is asked for its version', () => {
    const sources = readSources().filter(({ path }) => path.startsWith('compare/'));
    const asking = sources.filter(({ text }) => /versionArguments: \[/.test(text)).map(({ path }) => path);
    expect(sources.length).toBeGreaterThan(100);
    expect(asking).toEqual([]);
    expect(readFileSync('compare/helpers/tools.ts', 'utf8')).toContain('versionArguments');
  });

  it('names each by its own name, in order', () => {
    const names = Object.keys(TOOLS);
    expect(Object.values<Tool>(TOOLS).map(({ program }) => program)).toEqual(names);
    expect(names).toEqual(names.toSorted());
  });

  it('gives the versions of those that are installed', async () => {
    const listed = await listTools();
    expect(listed.map(({ program }) => program)).toEqual(Object.keys(TOOLS));
    const versions = new Map(listed.map(({ program, version }) => [program, version]));
    expect(versions.get('gzip')).toMatch(/^gzip \d/);
    expect(versions.get('objdump')).toMatch(/^GNU objdump /);
    expect(versions.get('diffoscope')).toMatch(/^diffoscope \d+$/);
  });
});
