/** Names of the capabilities by number, capabilities(7) and Linux' include/uapi/linux/capability.h. */
const NAMES =
  'chown dac_override dac_read_search fowner fsetid kill setgid setuid setpcap linux_immutable net_bind_service net_broadcast net_admin net_raw ipc_lock ipc_owner sys_module sys_rawio sys_chroot sys_ptrace sys_pacct sys_admin sys_boot sys_nice sys_resource sys_time sys_tty_config mknod lease audit_write audit_control setfcap mac_override mac_admin syslog wake_alarm block_suspend audit_read perfmon bpf checkpoint_restore'.split(
    ' ',
  );
const EFFECTIVE = 1;
/** Words of 32 capabilities, and whether the user id of a namespace's root follows, by revision. */
const REVISIONS: ReadonlyMap<number, { readonly words: number; readonly root: boolean }> = new Map([
  [1, { words: 1, root: false }],
  [2, { words: 2, root: false }],
  [3, { words: 2, root: true }],
]);

/**
 * What the attribute security.capability says, in the words of capabilities(7): "revision 2, effective; permitted:
 * cap_net_raw; inheritable: none". Undefined for what is no such value; every bit of one that is, is told.
 */
export function capabilitiesText(value: Buffer): string | undefined {
  if (value.length < 4) return undefined;
  const [revision, flags] = [value.readUInt8(3), value.readUIntLE(0, 3)];
  const layout = REVISIONS.get(revision);
  if (layout === undefined || (flags & ~EFFECTIVE) !== 0) return undefined;
  if (value.length !== 4 + 8 * layout.words + (layout.root ? 4 : 0)) return undefined;
  const sets = [0, 4].map((first) => {
    const names: string[] = [];
    for (let word = 0; word < layout.words; word++) {
      const bits = value.readUInt32LE(4 + 8 * word + first);
      for (let bit = 0; bit < 32; bit++) if (((bits >>> bit) & 1) === 1) names.push(nameOf(32 * word + bit));
    }
    return names.length === 0 ? 'none' : names.join(', ');
  });
  const root = layout.root ? `; root: ${value.readUInt32LE(value.length - 4)}` : '';
  const effective = flags === EFFECTIVE ? ', effective' : '';
  return `revision ${revision}${effective}; permitted: ${sets[0]}; inheritable: ${sets[1]}${root}`;
}

function nameOf(number: number): string {
  const name = NAMES[number];
  return name === undefined ? `capability ${number}` : `cap_${name}`;
}
