import { Session } from 'node:inspector/promises';

/** Which stretches of our readers ran, as V8 counts them (block coverage, by character offsets). */
export class Coverage {
  readonly #session = new Session();
  readonly #seen = new Set<string>();

  get size(): number {
    return this.#seen.size;
  }

  async start(): Promise<void> {
    this.#session.connect();
    await this.#session.post('Profiler.enable');
    await this.#session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  }

  /** How many stretches ran since the last call that had never run before. */
  async fresh(): Promise<number> {
    const before = this.#seen.size;
    const { result } = await this.#session.post('Profiler.takePreciseCoverage');
    for (const script of result) {
      if (!/\/(?:compare|formats)\/[^?]*\.ts$/.test(script.url)) continue;
      for (const { ranges } of script.functions)
        for (const range of ranges)
          if (range.count > 0) this.#seen.add(`${script.scriptId}:${range.startOffset}-${range.endOffset}`);
    }
    return this.#seen.size - before;
  }
}
