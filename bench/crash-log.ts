/**
 * Writers of a transparency log killed (SIGKILL) at random moments: whether the log stays sound, no acknowledged entry is
 * lost, and all checkpoints that were shown belong to one history.
 *
 *   node bench/crash-log.ts [--entries 10000] [--kills 200] [--together 8]
 *
 * Ends with status 1 where anything is not as it has to be.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { crashLog } from '../test/helpers/crash-log.ts';

const { values } = parseArgs({
  options: {
    entries: { type: 'string', default: '10000' },
    kills: { type: 'string', default: '200' },
    together: { type: 'string', default: '8' },
  },
});
const folder = await mkdtemp(join(tmpdir(), 'reproof-crash-log-'));
try {
  const report = await crashLog({
    folder: join(folder, 'log'),
    entries: Number(values.entries),
    kills: Number(values.kills),
    together: Number(values.together),
    random: Math.random,
  });
  process.stdout.write(`${JSON.stringify(report, undefined, 2)}\n`);
  if (report.faults.length > 0 || report.kills < Number(values.kills)) process.exitCode = 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}
