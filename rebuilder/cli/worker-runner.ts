import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { isReproofError, ReproofError } from '../../model/index.ts';
import { connectEngine } from '../engine/client.ts';
import { openRebuilder } from '../open-rebuilder.ts';
import { type Executor, rebuilderExecutor } from '../queue/index.ts';
import { createServiceStore, notePruned, openDatabase } from '../store/index.ts';
import { engineCapabilities, type RemoteWorkerEvent, serverAddress, testify, workFor } from '../worker/index.ts';
import { rebuilderOptions } from './rebuild-runner.ts';
import type { Settings } from './settings.ts';
import { escapeTerminal } from './terminal-text.ts';

export type WorkerCommand = {
  readonly server: string;
  readonly name: string;
  readonly builds: number;
  readonly keyFile?: string;
  /** A file, or the secret itself. */
  readonly signup: string | undefined;
  /** Whether the builds' logs are told too. */
  readonly verbose: boolean;
  readonly settings: Settings;
};

/** Where a worker's lines go: for people, and for programs. */
export type WorkerOutput = {
  readonly signal: AbortSignal;
  readonly tell: (text: string, json: object) => Promise<void>;
};

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/**
 * Works for a service until it is stopped. Throws SETTINGS_INVALID, ENGINE_UNAVAILABLE, ACCESS_REQUIRED, ACCESS_DENIED,
 * STORE_*.
 */
export async function runWorkerCommand(command: WorkerCommand, { signal, tell }: WorkerOutput): Promise<void> {
  const { settings } = command;
  if (!NAME.test(command.name))
    throw new ReproofError(
      'SETTINGS_INVALID',
      'reading --name: it has to be up to 64 letters, digits, points, - and _',
    );
  const { base, open } = serverAddress(command.server);
  const say = (text: string, json: object): void => void tell(escapeTerminal(text), json);
  if (open)
    say(`${base}: others on the way can read and change what it answers; https:// keeps them out`, { kind: 'open' });
  const engine = await connectEngine(settings.engine);
  const signupSecret = await readSignup(command.signup);
  // The service signs what it sees of a result; a key of this machine is none that anybody trusts.
  const rebuilder = await openRebuilder(rebuilderOptions(settings), 'none');
  const database = await openDatabase(settings.database);
  const { stages } = createServiceStore(database);
  try {
    await workFor(
      {
        server: base,
        dataFolder: settings.data,
        name: command.name,
        ...(command.keyFile === undefined ? {} : { keyFile: resolve(command.keyFile) }),
        capabilities: engineCapabilities(engine, settings.limits),
        ...(signupSecret === undefined ? {} : { signupSecret }),
        builds: command.builds,
        proxy: settings.proxy,
        openExecutor: async (blobs) => {
          const executor = rebuilderExecutor({
            rebuilder,
            blobs,
            now: () => new Date(),
            nocheck: false,
            control: true,
            testify: (built) => testify(built, { stages, blobs }),
            // The service looks at the bytes itself.
            checkedHere: false,
          });
          return command.verbose ? tellingLogs(executor, say) : executor;
        },
        beforeForgetting: (sha256) => notePruned(database, { sha256, pruned_at: database.now(), kind: 'file' }),
        onEvent: (event) => say(...eventLine(event, base)),
        now: () => new Date(),
      },
      signal,
    );
  } catch (error) {
    // A stop before the service answered is a stop like any other.
    if (!signal.aborted || !isReproofError(error, 'INTERRUPTED')) throw error;
  } finally {
    await database.close();
    await rebuilder.close();
  }
}

/** The same builds, whose logs are told as they come. */
function tellingLogs(executor: Executor, say: (text: string, json: object) => void): Executor {
  return {
    run: (leased, watch) =>
      executor.run(leased, {
        ...watch,
        log: (line) => {
          watch.log(line);
          say(line, { kind: 'log', job: leased.job.id, line });
        },
      }),
  };
}

/** The first line of a file of this name, where there is one; else the text itself. */
async function readSignup(text: string | undefined): Promise<string | undefined> {
  if (text === undefined || text === '') return undefined;
  const content = await readFile(text, 'utf8').catch(() => text);
  return content.split('\n')[0]?.trim();
}

function eventLine(event: RemoteWorkerEvent, server: string): [text: string, json: object] {
  switch (event.kind) {
    case 'registered':
      return [`works for ${server} as ${event.name}`, { ...event, server }];
    case 'kept results sent':
      return [`${event.count} results of earlier runs sent`, event];
    case 'trouble': {
      const message = event.error instanceof Error ? event.error.message : String(event.error);
      return [`${event.doing}: ${message}`, { kind: event.kind, doing: event.doing, message }];
    }
    default: {
      const { job, lease } = event.leased;
      const name = `job ${job.id}: ${job.source} ${job.version} ${[job.release, job.architecture].filter(Boolean).join(' ')}`;
      const json = { kind: event.kind, job: job.id, lease, source: job.source, version: job.version };
      if (event.kind === 'recorded') {
        const { verdict, reason } = event.entry;
        const word = reason === undefined ? verdict : `${verdict} (${reason})`;
        return [`${name}: ${word}`, { ...json, verdict, reason, recorded: event.recorded.kind }];
      }
      return event.kind === 'given back'
        ? [`${name}: given back (${event.why})`, { ...json, why: event.why }]
        : [`${name}: ${event.kind}`, json];
    }
  }
}
