import type { BuildRun, RebuildPlan } from '../../model/index.ts';

/** Where our input and the build's output lie beside the build folder. All on the container's one writable volume. */
export const VOLUME_FOLDER = '/build';
export const INPUT_FOLDER = '/build/reproof-input';
export const OUTPUT_FOLDER = '/build/reproof-output';
export const STATUS_FOLDER = '/build/reproof-status';

/** The script's own exit status when the source did not unpack; dpkg-buildpackage never ends with it. */
export const UNPACK_FAILED = 231;

const FLAG = { any: '-B', all: '-A', both: '-b' } as const satisfies Record<BuildRun['packages'], string>;

/** Quotes one word for sh(1). Only for words of ours: paths of the plan, file names checked before. */
function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}

/**
 * What the build container runs: unpack, then dpkg-buildpackage, for each run of the plan; at the end every regular file
 * beside the source folder is output. The number of refused forks is read by builtins on the way out, so that it is
 * known even when no process can be started any more.
 */
export function buildScript(plan: RebuildPlan): string {
  const { buildRoot, sourceFolder, umask } = plan.settings;
  const tree = quoted(`${buildRoot}/${sourceFolder}`);
  const lines = [
    'set -u',
    `umask ${umask}`,
    // cgroup v1 and v2 keep the count in different places (kernel: Documentation/admin-guide/cgroup-v1/pids.rst, cgroup-v2.rst).
    `report() { for f in /sys/fs/cgroup/pids/pids.events /sys/fs/cgroup/pids.events; do if [ -r "$f" ]; then while read -r key count; do [ "$key" = max ] && echo "$count" > ${STATUS_FOLDER}/refused-forks; done < "$f"; fi; done; }`,
    'trap report EXIT',
    `cd ${quoted(buildRoot)} || exit ${UNPACK_FAILED}`,
  ];
  plan.runs.forEach((run, index) => {
    lines.push(`rm -rf ${tree}`);
    lines.push(
      `dpkg-source --no-check --no-copy -x ${quoted(`${INPUT_FOLDER}/${plan.source.dsc.name}`)} ${tree} || exit ${UNPACK_FAILED}`,
    );
    lines.push(`cd ${tree} || exit ${UNPACK_FAILED}`);
    if (run.binaryOnlyChanges !== undefined) {
      const changes = quoted(`${INPUT_FOLDER}/binary-only-changes-${index}`);
      lines.push(
        `cat ${changes} debian/changelog > ${STATUS_FOLDER}/changelog && cat ${STATUS_FOLDER}/changelog > debian/changelog || exit ${UNPACK_FAILED}`,
      );
    }
    lines.push(`export SOURCE_DATE_EPOCH=${run.sourceDateEpoch ?? plan.settings.sourceDateEpoch}`);
    lines.push(`dpkg-buildpackage -us -uc ${FLAG[run.packages]} || exit $?`);
    lines.push(`cd ${quoted(buildRoot)} || exit 1`);
  });
  lines.push(`for f in *; do if [ -f "$f" ] && [ ! -L "$f" ]; then mv "$f" ${OUTPUT_FOLDER}/ || exit 1; fi; done`);
  return `${lines.join('\n')}\n`;
}

/** The variables of the build, sorted; with env -i nothing else is there. */
export function buildVariables(plan: RebuildPlan): readonly string[] {
  const { settings } = plan;
  const variables: Record<string, string> = {
    LANG: settings.locale,
    LC_ALL: settings.locale,
    TZ: settings.timeZone,
    ...settings.variables,
    HOME: settings.home,
    LOGNAME: settings.user,
    PATH: settings.path,
    SOURCE_DATE_EPOCH: String(settings.sourceDateEpoch),
    USER: settings.user,
    DEB_BUILD_OPTIONS: [`parallel=${settings.cpus}`, ...settings.buildOptions].join(' '),
    ...(settings.buildProfiles.length === 0 ? {} : { DEB_BUILD_PROFILES: settings.buildProfiles.join(' ') }),
  };
  return Object.entries(variables)
    .map(([name, value]) => `${name}=${value}`)
    .sort();
}
