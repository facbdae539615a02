import { readFileSync, readlinkSync } from 'node:fs';

const TOKEN_PATTERN = /^([1-9][0-9]{0,9}):([0-9]{1,20}):([0-9a-f-]{36}):([0-9]{1,20})$/;

type ProcessStat = { readonly state: string; readonly startTicks: string };

/**
 * Fields 3 and 22 of /proc/PID/stat (proc_pid_stat(5)). The second field is the program's name in parentheses and may
 * itself hold spaces and parentheses, so counting starts after the last closing one.
 */
function readStat(pid: number | 'self'): ProcessStat {
  const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return { state: fields[0] ?? '', startTicks: fields[19] ?? '' };
}

function bootId(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
}

function pidNamespace(): string {
  return readlinkSync('/proc/self/ns/pid').replace(/\D/g, '');
}

let ownToken: string | undefined;

/**
 * Names this very process, for marking what it owns (a lock, a container): `pid:start:boot:namespace`, that is its
 * process id, its start in clock ticks since boot, the kernel's boot id (a UUID), and the inode of its pid namespace.
 * Holds only digits, a to f, `-` and `:`, so it is fit for file names and labels. Needs Linux's /proc.
 */
export function ownerToken(): string {
  ownToken ??= `${process.pid}:${readStat('self').startTicks}:${bootId()}:${pidNamespace()}`;
  return ownToken;
}

/**
 * Whether the process that a token of ownerToken() names still runs. False for a text that is no token, for an id that
 * another process has taken since, for a zombie, and for another boot of this machine: what is marked is taken to be on
 * this machine. 'unknown' when it cannot be seen from here: it lives in another pid namespace (a container), or /proc
 * hides it (hidepid, proc(5)).
 */
export function isOwnerAlive(token: string): boolean | 'unknown' {
  const [, pidText, startTicks, boot, namespace] = TOKEN_PATTERN.exec(token) ?? [];
  if (pidText === undefined || boot !== bootId()) return false;
  if (namespace !== pidNamespace()) return 'unknown';
  const pid = Number(pidText);
  try {
    const stat = readStat(pid);
    return stat.startTicks === startTicks && stat.state !== 'Z' && stat.state !== 'X';
  } catch {
    return isHidden(pid) ? 'unknown' : false;
  }
}

/** True when the kernel knows the process though /proc does not show it. */
function isHidden(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
