import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The file that GNU patch makes of `text` with the hunks; throws where it does not take them to the letter. */
export function patched(folder: string, text: string, hunks: string): string {
  const [file, patch] = [join(folder, 'file'), join(folder, 'patch')];
  writeFileSync(file, text);
  writeFileSync(patch, `--- file\n+++ file\n${hunks}`);
  execFileSync('patch', ['--force', '--fuzz=0', '--no-backup-if-mismatch', '--silent', file, patch], { stdio: 'pipe' });
  return readFileSync(file, 'utf8');
}

/** What GNU diff -u says, without its two lines about files. */
export function gnuHunks(folder: string, left: string, right: string): string {
  const files = [join(folder, 'left'), join(folder, 'right')] as const;
  writeFileSync(files[0], left);
  writeFileSync(files[1], right);
  return spawnSync('diff', ['-u', ...files], { encoding: 'utf8', maxBuffer: 1e9 })
    .stdout.split('\n')
    .slice(2)
    .join('\n');
}
