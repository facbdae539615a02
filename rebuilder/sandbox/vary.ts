import type { RebuildPlan } from '../../model/index.ts';

/**
 * The plan of the control rebuild: the same source in the same environment with everything varied that a build must not
 * depend on. The time of build differs by itself; what could be varied and how is told in words for the record.
 * The path, host name, user and umask are the same for every control, so that two controls can be compared.
 */
export function varied(plan: RebuildPlan): { readonly plan: RebuildPlan; readonly varied: readonly string[] } {
  const { settings } = plan;
  const changed = {
    ...settings,
    user: 'control',
    uid: 1777,
    umask: settings.umask === '002' ? '022' : '002',
    hostname: 'reproof-control-host',
    cpus: settings.cpus > 1 ? 1 : 2,
    buildRoot: '/build/control-rebuild/other-path',
  };
  return {
    plan: { ...plan, settings: changed },
    varied: [
      `build path: ${changed.buildRoot} for ${settings.buildRoot}`,
      `host name: ${changed.hostname} for ${settings.hostname}`,
      `user: ${changed.user} (${changed.uid}) for ${settings.user} (${settings.uid})`,
      `umask: ${changed.umask} for ${settings.umask}`,
      `CPUs: ${changed.cpus} for ${settings.cpus}`,
      'time of build: later',
    ],
  };
}
