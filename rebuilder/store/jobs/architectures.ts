/** Names of one machine: dpkg's, and those that rebuilderd's workers send (Rust's ARCH, and uname's). */
const SAME_MACHINE: readonly (readonly string[])[] = [
  ['amd64', 'x86_64'],
  ['i386', 'x86'],
  ['arm64', 'aarch64'],
  ['ppc64', 'powerpc64'],
];

/** Every name under which jobs for these machines may be queued; undefined where any will do (`*`). */
export function architectureNames(architectures: readonly string[]): readonly string[] | undefined {
  if (architectures.includes('*')) return undefined;
  const names = architectures.flatMap((name) => SAME_MACHINE.find((machine) => machine.includes(name)) ?? [name]);
  return [...new Set(names)];
}
