import type { Sha256 } from '../../../model/index.ts';
import type { Database } from '../database.ts';
import type { Changes, NewFile, NewInput, NewSource } from './changes.ts';
import { IdSet } from './id-set.ts';
import { inputKey } from './input-key.ts';
import { publishedIds } from './read-publications.ts';
import { readSeen, type SeenFile, type SeenSource } from './read-seen.ts';
import { Supersession } from './supersession.ts';
import type { Import, ListedFile, ListedSource } from './types.ts';

const BATCH = 200;

/**
 * Compares a list with what is seen, without holding either: the list comes in batches, and only the rows of a batch are
 * read. What it gives is all that has to be written. Nothing is written here, and no transaction is open while the list
 * is read.
 */
export async function compareListing(
  database: Database,
  order: Import,
  listing: AsyncIterable<ListedSource> | Iterable<ListedSource>,
): Promise<Changes> {
  const profile = await database.read('reading a profile', (db) =>
    db.selectFrom('profile').select(['id', 'revision']).where('name', '=', order.profile).executeTakeFirst(),
  );
  const comparison = new Comparison(database, order, profile?.id);
  let batch: ListedSource[] = [];
  for await (const source of listing) {
    batch.push(source);
    if (batch.length < BATCH) continue;
    await comparison.take(batch);
    batch = [];
  }
  await comparison.take(batch);
  return { revision: profile?.revision, ...(await comparison.end()) };
}

class Comparison {
  readonly #database: Database;
  readonly #order: Import;
  readonly #profile: number | undefined;
  readonly #seenSources = new IdSet();
  readonly #seenFiles = new IdSet();
  readonly #changedSources = new IdSet();
  readonly #supersession = new Supersession();
  readonly #sourceAt = new Map<string, number>();
  readonly #inputAt = new Map<Sha256, number>();
  readonly #fileKeys = new Set<string>();
  readonly #sources: NewSource[] = [];
  readonly #inputs: NewInput[] = [];
  readonly #files: NewFile[] = [];
  readonly #sourceChanges: Changes['sourceChanges'][number][] = [];
  readonly #fileChanges: Changes['fileChanges'][number][] = [];
  readonly #publish: number[] = [];

  constructor(database: Database, order: Import, profile: number | undefined) {
    this.#database = database;
    this.#order = order;
    this.#profile = profile;
  }

  async take(batch: readonly ListedSource[]): Promise<void> {
    const { distribution } = this.#order;
    for (const [release, listed] of Map.groupBy(batch, (source) => source.release ?? '')) {
      const names = [...new Set(listed.map((source) => source.name))];
      const where = { distribution, release, names, profile: this.#profile };
      const seen = await this.#database.read('reading what is listed', (db) => readSeen(db, where));
      for (const source of listed) this.#takeSource(source, release, seen.get(`${source.name}\0${source.version}`));
      if (this.#order.kind === 'additions' && this.#profile !== undefined)
        await this.#supersession.take(this.#database, { ...where, profile: this.#profile }, listed);
    }
  }

  async end(): Promise<Omit<Changes, 'revision'>> {
    return {
      sources: this.#sources,
      sourceChanges: this.#sourceChanges,
      inputs: this.#inputs,
      files: this.#files,
      fileChanges: this.#fileChanges,
      publish: this.#publish,
      withdraw: await this.#withdrawn(),
      counts: {
        sources: this.#seenSources.size + this.#sources.length,
        files: this.#seenFiles.size + this.#files.length,
      },
    };
  }

  async #withdrawn(): Promise<readonly number[]> {
    if (this.#profile === undefined) return [];
    if (this.#order.kind === 'additions')
      return this.#supersession.superseded().filter((id) => !this.#seenFiles.has(id));
    const withdrawn: number[] = [];
    for await (const ids of publishedIds(this.#database, this.#profile))
      for (const id of ids) if (!this.#seenFiles.has(id)) withdrawn.push(id);
    return withdrawn;
  }

  #takeSource(listed: ListedSource, release: string, seen: SeenSource | undefined): void {
    const key = inputKey(listed);
    if (seen !== undefined) this.#takeSeen(listed, seen);
    for (const file of listed.files) {
      const known = seen?.files.get(fileKey(key, file));
      if (known === undefined) this.#addFile(listed, { release, key, file, source: seen?.id });
      else this.#takeFile(known, file);
    }
  }

  #takeSeen({ component, maintainer }: ListedSource, seen: SeenSource): void {
    this.#seenSources.add(seen.id);
    const now = { component: component ?? seen.component, maintainer: maintainer ?? seen.maintainer };
    if (now.component === seen.component && now.maintainer === seen.maintainer) return;
    if (this.#changedSources.has(seen.id)) return;
    this.#changedSources.add(seen.id);
    this.#sourceChanges.push({ id: seen.id, ...now });
  }

  #takeFile(known: SeenFile, file: ListedFile): void {
    if (this.#seenFiles.has(known.id)) return;
    this.#seenFiles.add(known.id);
    if (!known.published) this.#publish.push(known.id);
    const isSame =
      known.url === file.url &&
      known.fileName === file.fileName &&
      known.component === (file.component ?? null) &&
      known.size === (file.size ?? null);
    if (!isSame) this.#fileChanges.push({ id: known.id, file });
  }

  #addFile(
    listed: ListedSource,
    { release, key, file, source }: { release: string; key: Sha256; file: ListedFile; source: number | undefined },
  ): void {
    const added = source === undefined ? this.#sourcePlace(listed, release) : undefined;
    const input = this.#inputPlace(listed, release, key);
    const identity = `${source ?? ''}/${added ?? ''}/${input}/${file.name}/${file.version}/${file.architecture}`;
    if (this.#fileKeys.has(identity)) return;
    this.#fileKeys.add(identity);
    this.#files.push({ source: added === undefined ? { id: source as number } : { added }, input, file });
  }

  #sourcePlace(listed: ListedSource, release: string): number {
    const { name, version, component, maintainer } = listed;
    return placeIn(this.#sourceAt, `${release}\0${name}\0${version}`, this.#sources, () => ({
      release,
      name,
      version,
      component: component ?? null,
      maintainer: maintainer ?? null,
    }));
  }

  #inputPlace(listed: ListedSource, release: string, key: Sha256): number {
    const { name, version, architecture, url, component = listed.files[0]?.component } = listed;
    return placeIn(this.#inputAt, key, this.#inputs, () => ({
      key,
      release,
      source: name,
      version,
      architecture,
      component: component ?? '',
      url: url ?? null,
    }));
  }
}

/** The place of what has this key in a list, where it is added when it is not there. */
function placeIn<Item>(places: Map<string, number>, key: string, list: Item[], make: () => Item): number {
  const there = places.get(key);
  if (there !== undefined) return there;
  places.set(key, list.length);
  return list.push(make()) - 1;
}

function fileKey(key: Sha256, { name, version, architecture }: ListedFile): string {
  return `${key}/${name}/${version}/${architecture}`;
}
