import type { Command } from 'commander';
import { baseProgram } from './base-program.ts';
import * as artifacts from './commands/artifacts.ts';
import * as attest from './commands/attest.ts';
import * as backup from './commands/backup.ts';
import * as cache from './commands/cache.ts';
import * as compare from './commands/compare.ts';
import * as doctor from './commands/doctor.ts';
import * as evidence from './commands/evidence.ts';
import * as fsck from './commands/fsck.ts';
import * as host from './commands/host.ts';
import * as importing from './commands/import.ts';
import * as key from './commands/key.ts';
import * as list from './commands/list.ts';
import * as log from './commands/log.ts';
import * as prune from './commands/prune.ts';
import * as queue from './commands/queue.ts';
import * as rebuild from './commands/rebuild.ts';
import * as replay from './commands/replay.ts';
import * as restore from './commands/restore.ts';
import * as resume from './commands/resume.ts';
import * as sbom from './commands/sbom.ts';
import * as serve from './commands/serve.ts';
import * as show from './commands/show.ts';
import * as sync from './commands/sync.ts';
import * as token from './commands/token.ts';
import * as verify from './commands/verify.ts';
import * as worker from './commands/worker.ts';
import type { CommandContext } from './context.ts';

/** The command line: every command, its options, its help. Commander throws instead of ending the process. */
export function createProgram(context: CommandContext): Command {
  const program = baseProgram(context);
  for (const command of [
    rebuild,
    replay,
    resume,
    list,
    show,
    log,
    artifacts,
    compare,
    sbom,
    attest,
    key,
    evidence,
    verify,
    sync,
    serve,
    worker,
    queue,
    host,
    token,
    cache,
    backup,
    restore,
    fsck,
    prune,
    importing,
    doctor,
  ])
    command.register(program, context);
  return program;
}
