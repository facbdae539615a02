import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Difference } from '../model/index.ts';

/** Names of members with what stands for their content: a digest, or a link's target. */
export type Members = ReadonlyMap<string, string>;

/** What dpkg-deb, GNU tar and sha256sum say a package holds: `control/…` and `data/…`, directories left out. */
export function membersByTools(deb: string): Members {
  const folder = mkdtempSync(join(tmpdir(), 'deb-members-'));
  try {
    execFileSync('dpkg-deb', ['-R', deb, folder]);
    const list = execFileSync('find', ['.', '(', '-type', 'f', '-o', '-type', 'l', ')', '-print0'], { cwd: folder });
    const members = new Map<string, string>();
    const names = list
      .toString('utf8')
      .split('\0')
      .filter((name) => name !== '')
      .sort();
    const kinds = execFileSync('find', ['.', '-type', 'l', '-printf', '%p\\0%l\\0'], {
      cwd: folder,
      maxBuffer: 2 ** 28,
    });
    const links = kinds.toString('utf8').split('\0');
    for (let index = 0; index + 1 < links.length; index += 2)
      members.set(keyOf(links[index] ?? ''), `link ${links[index + 1]}`);
    const files = names.filter((name) => !members.has(keyOf(name)));
    const sums = execFileSync('xargs', ['-0', '-r', 'sha256sum', '-z', '--'], {
      cwd: folder,
      input: files.map((name) => `${name}\0`).join(''),
      maxBuffer: 2 ** 28,
    });
    for (const line of sums.toString('utf8').split('\0'))
      if (line !== '') members.set(keyOf(line.slice(66)), line.slice(0, 64));
    return members;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const keyOf = (path: string): string =>
  path.startsWith('./DEBIAN/') ? `control/${path.slice('./DEBIAN/'.length)}` : `data/${path.slice(2)}`;

/** Names on one side alone or with other content. */
export function differingMembers(left: Members, right: Members): ReadonlySet<string> {
  const names = [...new Set([...left.keys(), ...right.keys()])];
  return new Set(names.filter((name) => left.get(name) !== right.get(name)));
}

/** The same from our tree: members of control.tar and data.tar on one side alone or with other content. */
export function reportedMembers(root: Difference): ReadonlySet<string> {
  const found = new Set<string>();
  for (const member of root.children) {
    const part = /^(control|data)\.tar/.exec(member.path)?.[1];
    if (part === undefined) continue;
    const tar = member.kind === 'tar' ? member : member.children.find((child) => child.kind === 'tar');
    for (const node of tar?.children ?? []) addNames(node, part, found);
  }
  return found;
}

function addNames(node: Difference, part: string, found: Set<string>): void {
  const { left, right } = node;
  const link = (node.fields ?? []).some((field) => field.name === 'linkname' || field.name === 'type');
  const renamed = left?.name !== undefined && right?.name !== undefined && left.name !== right.name;
  const same = left !== undefined && right !== undefined && hasEqualContent(node) && !link && !renamed;
  if (same) return;
  for (const name of [left?.name, right?.name].filter((one) => one !== undefined).concat(renamed ? [] : [node.path]))
    if (!name.endsWith('/')) found.add(`${part}/${name.replace(/^\.\//, '')}`);
}

/** A long member has no digests where only a part of it was read. */
function hasEqualContent({ left, right, detail = '' }: Difference): boolean {
  if (left?.sha256 === undefined || right?.sha256 === undefined) return detail.startsWith('equal content');
  return left.sha256 === right.sha256;
}
