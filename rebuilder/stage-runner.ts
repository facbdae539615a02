import type { Reporter, StageName, StageTime } from '../model/index.ts';
import type { Store } from './store/types.ts';

/** Whose stages are run, where their values are kept, and who is told. */
export type StagesRun = {
  readonly id: string;
  readonly store: Pick<Store, 'stages' | 'saveStage'>;
  readonly report: Reporter;
  readonly now: () => Date;
};

/** Runs stages, or takes what an earlier run kept of them. */
export type StageRunner = {
  readonly stage: <T>(name: StageName, work: () => Promise<T>) => Promise<T>;
  readonly times: () => readonly StageTime[];
};

/** The stages of one rebuild, with what is kept of them. */
export async function openStages(context: StagesRun): Promise<StageRunner> {
  const stored = new Map((await context.store.stages(context.id)).map((stage) => [stage.stage, stage]));
  const times: StageTime[] = [];
  return {
    times: () => times,
    stage: async <T>(name: StageName, work: () => Promise<T>): Promise<T> => {
      const earlier = stored.get(name);
      if (earlier !== undefined) {
        context.report({ kind: 'stage', stage: name, state: 'resumed' });
        times.push({ stage: name, startedAt: earlier.startedAt, wallSeconds: earlier.wallSeconds, resumed: true });
        return earlier.value as T;
      }
      context.report({ kind: 'stage', stage: name, state: 'started' });
      const begun = context.now();
      const value = await work();
      const time = { startedAt: begun.toISOString(), wallSeconds: (context.now().getTime() - begun.getTime()) / 1000 };
      await context.store.saveStage(context.id, { stage: name, value, ...time });
      times.push({ stage: name, ...time, resumed: false });
      context.report({ kind: 'stage', stage: name, state: 'done', wallSeconds: time.wallSeconds });
      return value;
    },
  };
}
