import type { Words } from './questions.ts';

/** Rows told in JSON, by their ids in each of the words, of at most so many characters in all. */
export class KeptRows {
  readonly #rows: Readonly<Record<Words, Map<number, string>>> = { ours: new Map(), v1: new Map() };
  readonly #mostCharacters: number;
  #characters = 0;

  constructor(mostCharacters: number) {
    this.#mostCharacters = mostCharacters;
  }

  of(words: Words, id: number): string | undefined {
    return this.#rows[words].get(id);
  }

  /** Keeps a row that is not kept yet, and says whether there was room for it. */
  keep(words: Words, id: number, text: string): boolean {
    const rows = this.#rows[words];
    if (rows.has(id)) return true;
    if (this.#characters + text.length > this.#mostCharacters) return false;
    rows.set(id, text);
    this.#characters += text.length;
    return true;
  }

  forget(id: number): void {
    for (const rows of Object.values(this.#rows)) {
      this.#characters -= rows.get(id)?.length ?? 0;
      rows.delete(id);
    }
  }

  clear(): void {
    for (const rows of Object.values(this.#rows)) rows.clear();
    this.#characters = 0;
  }
}
