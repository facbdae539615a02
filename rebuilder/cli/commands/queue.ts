import { type Command, InvalidArgumentError, Option } from 'commander';
import { ReproofError } from '../../../model/index.ts';
import type { JobFilter, JobStore, Status } from '../../store/index.ts';
import { addCommonOptions, type CommandContext, type CommonOptions, writeJson } from '../context.ts';

type Origin = {
  readonly distribution?: string;
  readonly suite?: string;
  readonly component?: string;
  readonly arch?: string;
};
type FilterOptions = CommonOptions & Origin & { readonly sourceVersion?: string; readonly id?: number };
type AskOptions = FilterOptions & {
  readonly status?: Status | 'none';
  readonly priority?: number;
  readonly all?: boolean;
};
type ListOptions = FilterOptions & { readonly limit: number };
type Queue = Omit<JobStore, 'claim'>;
/** Changes the queue, and notes what was changed in the audit log in the same transaction. */
type Change = <T>(action: string, work: (jobs: JobStore) => Promise<T>, detailOf: (value: T) => object) => Promise<T>;

const LEAST = -(2 ** 31);
const MOST = 2 ** 31 - 1;

/**
 * Adds `reproof queue`: what waits to be rebuilt and what runs, and changing it. JSON of list: {"total", "state",
 * "counts", "jobs": [Job, ...]}; of ask, cancel and priority: {"affected"}; of pause, drain and resume: the QueueState.
 */
export function register(program: Command, context: CommandContext): void {
  const queue = program.command('queue').description('what waits to be rebuilt and what runs');
  const filtered = (name: string, description: string): Command => {
    const command = queue
      .command(name)
      .description(description)
      .option('--distribution <name>', 'only of this distribution')
      .option('--suite <name>', 'only of this suite')
      .option('--component <name>', 'only of this component')
      .option('--arch <name>', 'only what is built for this architecture')
      .option('--source-version <version>', 'only this version');
    return addCommonOptions(command);
  };
  filtered('list', 'list jobs, the soonest first')
    .argument('[name]', 'only of this source or binary package')
    .option('--limit <n>', 'at most so many', whole(1, 999_999), 50)
    .action((name: string | undefined, options: ListOptions) => list(filterOf(name, options), options, context));
  filtered('ask', 'queue builds, before what waits by itself')
    .argument('[name]', 'of this source or binary package')
    .addOption(new Option('--status <status>', 'whose result is').choices(['GOOD', 'BAD', 'FAIL', 'UNKWN', 'none']))
    .option('--priority <n>', 'lower is sooner', whole(LEAST, MOST), 0)
    .option('--all', 'everything that matches, where no package is named')
    .action((name: string | undefined, options: AskOptions) => ask(name, options, context));
  for (const [word, description, change] of [
    [
      'cancel',
      'take jobs out of the queue; running builds stop',
      (jobs: Queue, filter: JobFilter) => jobs.cancel(filter),
    ],
    [
      'priority',
      'give jobs another priority',
      (jobs: Queue, filter: JobFilter, options: AskOptions) => jobs.setPriority(filter, options.priority ?? 0),
    ],
  ] as const) {
    const command = filtered(word, description)
      .argument('[name]', 'of this source or binary package')
      .option('--id <n>', 'this job', whole(1, MOST))
      .option('--all', 'everything that matches, where neither package nor job is named');
    if (word === 'priority') command.requiredOption('--priority <n>', 'lower is sooner', whole(LEAST, MOST));
    command.action((name: string | undefined, options: AskOptions) => {
      if (options.id === undefined) requireSome(name, options);
      return withQueue(options, context, async (_jobs, noted) => {
        const filter = filterOf(name, options);
        const { priority } = options;
        const affected = await noted(
          `queue.${word}`,
          (jobs) => change(jobs, filter, options),
          (count) => ({ filter, ...(priority === undefined ? {} : { priority }), affected: count }),
        );
        await say(affected, options, context);
      });
    });
  }
  for (const [word, description, state] of [
    ['pause', 'begin no builds; those that run go on', { paused: true }],
    ['drain', 'begin no builds, before the service is stopped', { draining: true }],
    ['resume', 'begin builds again', { paused: false, draining: false }],
  ] as const)
    addCommonOptions(queue.command(word).description(description)).action((options: CommonOptions) =>
      withQueue(options, context, async (jobs, noted) => {
        await noted(
          `queue.${word}`,
          (changed) => changed.setState(state),
          () => ({}),
        );
        const now = await jobs.state();
        if (options.json) return writeJson(context.stdout, now);
        const { stateWords } = await import('../report/queue-text.ts');
        await context.stdout.write(`${stateWords(now)}\n`);
      }),
    );
}

async function list(filter: JobFilter, options: ListOptions, context: CommandContext): Promise<void> {
  await withQueue(options, context, async (jobs) => {
    const { distribution, release, component, architecture } = filter;
    const origin = { distribution, release, component, architecture };
    const given = Object.fromEntries(Object.entries(origin).filter(([, value]) => value !== undefined));
    const [{ total, records }, state, counts] = await Promise.all([
      jobs.jobs(filter, { sort: 'priority', limit: options.limit }),
      jobs.state(),
      jobs.counts(given),
    ]);
    if (options.json) return writeJson(context.stdout, { total, state, counts, jobs: records });
    const { queueText } = await import('../report/queue-text.ts');
    await context.stdout.write(queueText({ total, state, counts, jobs: records }));
  });
}

async function ask(name: string | undefined, options: AskOptions, context: CommandContext): Promise<void> {
  requireSome(name, options);
  await withQueue(options, context, async (_jobs, noted) => {
    const filter = { ...filterOf(name, options), ...(options.status === undefined ? {} : { status: options.status }) };
    const { priority } = options;
    const asked = { kind: 'manual', requestedBy: 'local', ...(priority === undefined ? {} : { priority }) } as const;
    const affected = await noted(
      'queue.ask',
      (jobs) => jobs.ask(filter, asked),
      (count) => ({ filter, priority, affected: count }),
    );
    await say(affected, options, context);
  });
}

async function withQueue(
  options: CommonOptions,
  context: CommandContext,
  work: (jobs: Queue, change: Change) => Promise<void>,
): Promise<void> {
  const { database } = await context.settings(options);
  const { openServiceStore } = await import('../../store/index.ts');
  const store = await openServiceStore(database);
  try {
    await work(store.jobs, (action, change, detailOf) =>
      store.noted(
        ({ jobs }) => change(jobs),
        (value) => ({ actor: 'local', action, subject: 'queue', detail: detailOf(value) }),
      ),
    );
  } finally {
    await store.close();
  }
}

async function say(affected: number, options: CommonOptions, context: CommandContext): Promise<void> {
  if (options.json) return writeJson(context.stdout, { affected });
  await context.stdout.write(affected === 1 ? '1 job\n' : `${affected} jobs\n`);
}

function filterOf(name: string | undefined, options: FilterOptions): JobFilter {
  const { distribution, suite, component, arch, sourceVersion, id } = options;
  return {
    ...(name === undefined ? {} : { name }),
    ...(distribution === undefined ? {} : { distribution }),
    ...(suite === undefined ? {} : { release: suite }),
    ...(component === undefined ? {} : { component }),
    ...(arch === undefined ? {} : { architecture: arch }),
    ...(sourceVersion === undefined ? {} : { version: sourceVersion }),
    ...(id === undefined ? {} : { id }),
  };
}

/** A whole distribution is queued or dropped on purpose only. */
function requireSome(name: string | undefined, options: AskOptions): void {
  if (name !== undefined || options.all) return;
  throw new ReproofError('USAGE', 'name a package, or say --all for everything that matches');
}

function whole(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = /^-?\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
    if (!(value >= least && value <= most))
      throw new InvalidArgumentError(`It has to be a whole number from ${least} to ${most}.`);
    return value;
  };
}
