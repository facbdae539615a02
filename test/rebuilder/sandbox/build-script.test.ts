import { describe, expect, it } from 'vitest';
import { runProgram } from '../../../programs/index.ts';
import { buildScript, buildVariables } from '../../../rebuilder/sandbox/build-script.ts';
import { varied } from '../../../rebuilder/sandbox/vary.ts';
import { smallPlan } from '../../helpers/small-plan.ts';

const limits = { wallSeconds: 10, outputBytes: 100_000 };

describe('the script of a build', () => {
  it('is sound shell, with a binNMU and a second run too', async () => {
    const plan = smallPlan({
      runs: [
        {
          packages: 'any',
          binaryOnlyChanges:
            "x (1+b1) sid; urgency=low\n\n  * It's a rebuild\n\n -- A <a@example.org>  Mon, 01 Jan 2024 00:00:00 +0000\n",
        },
        { packages: 'all' },
      ],
    });
    const result = await runProgram(['dash', '-n', '-c', buildScript(plan)], { limits });
    expect(result).toMatchObject({ status: 0, stderr: '' });
  });

  it('quotes what comes from a plan', async () => {
    const plan = smallPlan({});
    const hostile = {
      ...plan,
      settings: { ...plan.settings, buildRoot: "/build/it's $(touch /tmp/x)", sourceFolder: '`id`' },
    };
    const script = buildScript(hostile)
      .split('\n')
      .filter((line) => line.startsWith('cd ') || line.startsWith('rm '))
      .map((line) => line.replace(/^(cd|rm -rf) /, 'echo ').replace(/ \|\| .*/, ''));
    const result = await runProgram(['dash', '-c', script.join('\n')], { limits });
    expect(result.stdout.toString().split('\n')[0]).toBe("/build/it's $(touch /tmp/x)");
    expect(result.stdout.toString()).toContain("/build/it's $(touch /tmp/x)/`id`");
  });
});

describe('the variables of a build', () => {
  it('are all there is, sorted, and name nothing of this machine', () => {
    expect(buildVariables(smallPlan({}))).toEqual([
      'DEB_BUILD_OPTIONS=parallel=2 nocheck',
      'HOME=/nonexistent',
      'LANG=C.UTF-8',
      'LC_ALL=C.UTF-8',
      'LOGNAME=build',
      'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      'SOURCE_DATE_EPOCH=1704067200',
      'TZ=UTC',
      'USER=build',
    ]);
  });
});

describe('the control rebuild', () => {
  it('differs from the first in path, host name, user, umask and CPUs, and in nothing else', () => {
    const plan = smallPlan({});
    const control = varied(plan).plan;
    const changed = Object.entries(control.settings).filter(
      ([key, value]) => JSON.stringify(value) !== JSON.stringify(plan.settings[key as keyof typeof plan.settings]),
    );
    expect(changed.map(([key]) => key).sort()).toEqual(['buildRoot', 'cpus', 'hostname', 'uid', 'umask', 'user']);
    expect({ ...control, settings: plan.settings }).toEqual(plan);
  });

  it('varies the umask and the CPUs also where the plan has the usual variants', () => {
    const plan = smallPlan({});
    const control = varied({ ...plan, settings: { ...plan.settings, umask: '002', cpus: 1 } }).plan;
    expect([control.settings.umask, control.settings.cpus]).toEqual(['022', 2]);
  });
});
