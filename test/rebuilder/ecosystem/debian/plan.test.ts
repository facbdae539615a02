import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type BuildInfo, canonicalJson, type Published, type RebuildPlan, sha256Of } from '../../../../model/index.ts';
import { type PlanInputs, plan } from '../../../../rebuilder/ecosystem/debian/plan.ts';

const artifact = (name: string, architecture: string, version = '1:668-1') => ({
  name: `${name}_668-1_${architecture}.deb`,
  package: name,
  version,
  architecture,
  size: 5,
  sha256: sha256Of(name),
  origin: { kind: 'given' as const, name: 'x' },
});
const file = (name: string) => ({ name, size: 3, sha256: sha256Of(name), origin: { kind: 'given' as const, name } });
const published: Published = {
  target: { ecosystem: 'debian', source: 'less', version: '1:668-1', architecture: 'amd64', suite: 'trixie' },
  basis: 'inferred',
  source: {
    dsc: { name: 'less_668-1.dsc', size: 4, sha256: sha256Of('text'), provenance: 'archive', text: 'text' },
    files: [file('less_668.orig.tar.gz'), file('less_668-1.debian.tar.xz')],
  },
  artifacts: [artifact('less', 'amd64'), artifact('less-doc', 'all')],
  runs: [{ packages: 'both' }],
  sourceDateEpoch: 1_700_000_000,
  indices: [],
  verified: [],
  notes: ['b', 'a', 'b'],
};
const inputs: PlanInputs = {
  lock: {
    schema: 'reproof-lock/1',
    recipe: 1,
    ecosystem: 'debian',
    suite: 'trixie',
    architecture: 'amd64',
    layers: [],
  },
  checks: false,
  limits: { wallSeconds: 60, memoryBytes: 1e9, processes: 100, diskBytes: 1e9, logBytes: 1e6 },
  cpus: 2,
  only: [],
};
const recorded = (environment: Record<string, string>, buildPath?: string): Published => {
  const buildInfo = { environment, ...(buildPath && { buildPath }) } as unknown as BuildInfo;
  return { ...published, basis: 'recorded', recorded: { buildInfo, packages: [] } };
};
const planned = (from: Published, more: Partial<PlanInputs> = {}): RebuildPlan => {
  const result = plan(from, { ...inputs, ...more });
  if ('kind' in result) throw new Error(result.why);
  return result;
};

describe('planning a rebuild', () => {
  it('sets what Debian’s builders set where nothing was recorded', () => {
    expect(planned(published).settings).toEqual({
      user: 'build',
      uid: 1001,
      home: '/nonexistent',
      locale: 'C.UTF-8',
      timeZone: 'UTC',
      umask: '022',
      path: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      hostname: 'reproof',
      cpus: 2,
      buildRoot: '/build/reproducible-path',
      sourceFolder: 'less-668',
      sourceDateEpoch: 1_700_000_000,
      buildOptions: ['nocheck'],
      buildProfiles: [],
      variables: {},
    });
    expect(planned(published, { checks: true }).settings.buildOptions).toEqual([]);
  });

  it('gives the same bytes for the same input in any order', () => {
    const full: Published = {
      ...recorded({ CFLAGS: '-O1', LC_CTYPE: 'C', X: 'y', LANG: 'C' }),
      runs: [{ packages: 'any' }, { packages: 'all' }],
    };
    const wanted = canonicalJson(planned(full));
    const shuffle = <T>(items: readonly T[]) => fc.shuffledSubarray([...items], { minLength: items.length });
    const environment = full.recorded?.buildInfo.environment ?? {};
    fc.assert(
      fc.property(
        shuffle(full.artifacts),
        shuffle(full.source.files),
        shuffle(full.runs),
        shuffle(full.notes),
        shuffle(Object.entries(environment)),
        (artifacts, files, runs, notes, variables) => {
          const other = {
            ...recorded(Object.fromEntries(variables)),
            artifacts,
            runs,
            notes,
            source: { ...full.source, files },
          };
          expect(canonicalJson(planned(other))).toBe(wanted);
        },
      ),
      { numRuns: 50 },
    );
  });

  it('builds where the recorded build was', () => {
    const { settings } = planned(recorded({}, '/build/reproducible-path/less-668'));
    expect(settings).toMatchObject({ buildRoot: '/build/reproducible-path', sourceFolder: 'less-668' });
    expect(planned(recorded({}, '/build/less-XyZ/less-668')).settings.buildRoot).toBe('/build/less-XyZ');
    expect(planned(recorded({}, '/less-668')).settings).toMatchObject({ buildRoot: '/', sourceFolder: 'less-668' });
  });

  it('takes over recorded variables of dpkg’s list and nothing else', () => {
    const from = recorded({
      CFLAGS: '-O1',
      DEB_CFLAGS_SET: '-g',
      PATH: '/evil',
      HOME: '/root',
      LD_PRELOAD: 'x',
      USER: 'u',
    });
    const result = planned(from);
    expect(result.settings.variables).toEqual({ CFLAGS: '-O1', DEB_CFLAGS_SET: '-g' });
    expect(result.notes.filter((note) => /is not one that dpkg records/.test(note))).toHaveLength(4);
    expect(result.settings).toMatchObject({
      path: expect.not.stringContaining('evil'),
      home: '/nonexistent',
      user: 'build',
    });
  });

  it('keeps recorded build options in their order, but the number of CPUs and malformed words', () => {
    const from = recorded({
      DEB_BUILD_OPTIONS: ' nostrip parallel=16 buildinfo=+path  UP$(x) nocheck',
      DEB_BUILD_PROFILES: 'nodoc nodoc -x',
    });
    const result = planned(from);
    expect(result.settings.buildOptions).toEqual(['nostrip', 'buildinfo=+path', 'nocheck']);
    expect(planned(from, { checks: true }).settings.buildOptions).toContain('nocheck');
    expect(result.settings.buildProfiles).toEqual(['nodoc']);
    expect(result.notes.filter((note) => note.includes('malformed'))).toHaveLength(2);
  });

  it.each([
    [{ LC_ALL: 'POSIX', LANG: 'en_US.UTF-8' }, 'POSIX', { LANG: 'en_US.UTF-8' }],
    [{ LC_ALL: 'C.UTF-8', LANG: 'C.UTF-8' }, 'C.UTF-8', {}],
    [{ LANG: 'de_DE.UTF-8' }, 'de_DE.UTF-8', { LC_ALL: '' }],
    [{ LC_CTYPE: 'C.UTF-8' }, 'C.UTF-8', { LC_ALL: '', LC_CTYPE: 'C.UTF-8' }],
    [{}, 'C.UTF-8', {}],
    [{ LC_ALL: '$(id)' }, 'C.UTF-8', {}],
  ])('honours the recorded locale of %j', (environment, locale, variables) => {
    expect(planned(recorded(environment)).settings).toMatchObject({ locale, variables });
    expect(Object.keys(planned(recorded(environment)).settings.variables)).toEqual(Object.keys(variables));
  });

  it.each([
    [{ TZ: 'Europe/Berlin' }, 'Europe/Berlin'],
    [{ TZ: '../../etc/passwd' }, 'UTC'],
  ])('honours the recorded time zone of %j where it is one', (environment, zone) => {
    expect(planned(recorded(environment)).settings.timeZone).toBe(zone);
  });

  it('judges only the binaries asked for, and makes only the runs they need', () => {
    const two: Published = {
      ...published,
      runs: [{ packages: 'any', binaryOnlyChanges: 'entry\n' }, { packages: 'all' }],
    };
    expect(planned(two).runs).toHaveLength(2);
    const one = planned(two, { only: ['less-doc'] });
    expect(one.expected.map((item) => item.package)).toEqual(['less-doc']);
    expect(one.runs).toEqual([{ packages: 'all' }]);
    expect(planned(published, { only: ['less-doc'] }).runs).toEqual([{ packages: 'both' }]);
  });

  it('plans a build for which nothing was published', () => {
    expect(planned({ ...published, artifacts: [] }, { only: ['less'] }).expected).toEqual([]);
  });

  it.each([
    ['nothing of --only was published', published, { only: ['more'] }, /none of more/],
    ['the environment is of another machine', published, { lock: { ...inputs.lock, architecture: 'arm64' } }, /arm64/],
    ['the source has no files', { ...published, source: { ...published.source, files: [] } }, {}, /no files/],
  ])('makes no plan when %s, and says why', (_what, from, more, why) => {
    expect(plan(from, { ...inputs, ...more })).toEqual({ kind: 'unplannable', why: expect.stringMatching(why) });
  });
});
