import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runProgram } from '../../programs/index.ts';
import { labOptions } from '../helpers/engine-lab.ts';
import { temporaryFolder } from '../helpers/run-cli.ts';
import { makeSourcePackage } from '../helpers/source-package.ts';

const MAIN = resolve(import.meta.dirname, '../../rebuilder/cli/main.ts');

/** What a terminal obeys and nothing of ours ever sends: a title, a bell, clearing all, going back, turning text round. */
const OBEYED = ['\x1b]0;', '\x07', '\x1b[2J', '\b', '\u202e'];
const PRINTED = String.raw`\033]0;owned\007\033[2J\rover\b\b\303\050\342\200\256end`;

describe('a package that writes to the terminal through its log and file names', () => {
  it('has all of it shown and none of it obeyed', async () => {
    const folder = await temporaryFolder();
    const { dscPath } = await makeSourcePackage({
      name: 'talks-to-terminals',
      folder,
      binary: `printf '${PRINTED}\\n'
f="debian/tmp/usr/share/talks-to-terminals/$(printf '${PRINTED}')"
cat /proc/sys/kernel/random/uuid > "$f"`,
    });
    const { dataFolder, cacheFolder } = labOptions();
    const onTerminal = async (...words: readonly string[]): Promise<string> => {
      const argv = [process.execPath, MAIN, ...words, '--data', dataFolder, '--cache', cacheFolder];
      // script(1) gives its child a terminal.
      const line = argv.map((word) => `'${word}'`).join(' ');
      const { stdout } = await runProgram(['script', '-qec', `stty cols 200; ${line}`, '/dev/null'], {
        limits: { wallSeconds: 300, outputBytes: 10_000_000 },
        env: { HOME: folder, TERM: 'xterm', ...engineOfTests() },
      });
      return stdout.toString();
    };
    const rebuilt = await onTerminal('rebuild', join(dscPath), '--suite', 'trixie', '--verbose');
    expect(rebuilt).toContain('unreproducible');
    const texts = [
      rebuilt,
      await onTerminal('log', 'talks-to-terminals'),
      await onTerminal('show', 'talks-to-terminals'),
    ];
    for (const text of texts) {
      expect(text).toContain(String.raw`\x1b]0;owned\x07\x1b[2J\rover\x08\x08`);
      expect(OBEYED.filter((sequence) => text.includes(sequence))).toEqual([]);
    }
  });
});

function engineOfTests(): Record<string, string> {
  return process.env.DOCKER_HOST === undefined ? {} : { DOCKER_HOST: process.env.DOCKER_HOST };
}
