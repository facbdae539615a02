import type { Paragraph } from '../../../formats/index.ts';
import {
  canonicalJson,
  isReproofError,
  ReproofError,
  type SuiteIndices,
  type Unavailable,
  type Verification,
} from '../../../model/index.ts';
import type { LocateContext } from '../types.ts';
import { type IndexFile, openIndex } from './index-file.ts';
import { findParagraphs, type WantedField } from './index-search.ts';
import { openSuite, type VerifiedSuite } from './release.ts';

/** A paragraph and the index it stands in. */
export type Found = { readonly index: IndexFile; readonly suite: VerifiedSuite; readonly paragraph: Paragraph };

const STABLE_PARTS = ['updates', 'security', 'proposed-updates'];
const PART = /-(?:security|updates|proposed-updates|backports|backports-sloppy)$/;
const ROLLING = new Set(['testing', 'unstable', 'sid', 'experimental', 'rc-buggy']);
/** What may keep a suite that is only looked into, but not asked for, from being opened. */
const PASSED_OVER = ['FETCH_FAILED', 'FETCH_TIMEOUT', 'FETCH_REDIRECT_REFUSED', 'RELEASE_EXPIRED'] as const;

/** The suite whose packages another one's build dependencies come from, when it cannot stand alone. */
export function baseOf(suite: string): string | undefined {
  if (suite === 'proposed-updates') return 'stable';
  if (suite === 'experimental' || suite === 'rc-buggy') return 'sid';
  return PART.test(suite) ? suite.replace(PART, '') : undefined;
}

/** A suite and those that complete it: of a stable release X also X-updates, X-security and X-proposed-updates. */
export function familyOf(suite: string): readonly string[] {
  const base = baseOf(suite) ?? suite;
  return ROLLING.has(base) ? [...new Set([base, suite])] : [base, ...STABLE_PARTS.map((part) => `${base}-${part}`)];
}

/** The archive as one rebuild sees it: suites and indices opened once, and all that was verified on the way. */
export class ArchiveView {
  readonly #context: LocateContext;
  readonly #suites = new Map<string, Promise<VerifiedSuite>>();
  readonly #verified = new Map<string, Verification>();
  readonly #notes = new Set<string>();

  constructor(context: LocateContext) {
    this.#context = context;
  }

  /** What was verified so far, in a fixed order, each once. */
  get verified(): readonly Verification[] {
    return [...this.#verified].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, item]) => item);
  }

  get notes(): readonly string[] {
    return [...this.#notes];
  }

  note(text: string): void {
    if (this.#notes.has(text)) return;
    this.#notes.add(text);
    this.#context.report?.({ kind: 'note', text });
  }

  record(verification: Verification): void {
    this.#verified.set(canonicalJson(verification), verification);
  }

  /** Opens a suite. Throws TARGET_UNKNOWN when the mirror has none of that name, else as openSuite. */
  async suite(name: string): Promise<VerifiedSuite> {
    try {
      return await this.#suite(name);
    } catch (error) {
      if (!isReproofError(error, 'FETCH_NOT_FOUND')) throw error;
      const message = `looking for suite ${name}: the mirror has none of that name (${error.message})`;
      throw new ReproofError('TARGET_UNKNOWN', message, { context: { suite: name }, cause: error });
    }
  }

  async #suite(name: string): Promise<VerifiedSuite> {
    const { fetcher, keyring, allowExpired, now, signal } = this.#context;
    const roots = this.#context.mirrors;
    const mirrors = {
      debian: roots.debian,
      'debian-security': roots['debian-security'],
      'debian-debug': roots['debian-debug'],
    };
    const opening =
      this.#suites.get(name) ?? openSuite({ fetcher, mirrors, suite: name, keyring, allowExpired, now, signal });
    this.#suites.set(name, opening);
    const suite = await opening;
    this.record(suite.verification);
    for (const note of suite.notes) this.note(note);
    return suite;
  }

  /** Opens a suite that may be absent: undefined when it does not exist or cannot be reached, the latter with a note. */
  async suiteIfAny(name: string): Promise<VerifiedSuite | undefined> {
    try {
      return await this.#suite(name);
    } catch (error) {
      // SETTINGS_INVALID: no mirror of its archive is known.
      if (isReproofError(error, 'FETCH_NOT_FOUND', 'SETTINGS_INVALID')) return undefined;
      if (!isReproofError(error, ...PASSED_OVER)) throw error;
      this.note(`suite ${name} was passed over: ${error.code}`);
      return undefined;
    }
  }

  /** A suite's Sources indices, one for each component asked that it has. */
  async sources(suite: VerifiedSuite): Promise<readonly IndexFile[]> {
    return this.#open(suite, 'sources');
  }

  /** A suite's Packages indices of an architecture. Throws TARGET_UNKNOWN when it has none of them. */
  async packages(suite: VerifiedSuite, architecture: string): Promise<readonly IndexFile[]> {
    const indices = await this.#open(suite, { packages: architecture });
    if (indices.length > 0) return indices;
    const components = this.#context.components.join(', ');
    throw new ReproofError(
      'TARGET_UNKNOWN',
      `opening suite ${suite.suite}: it has no packages of architecture ${architecture} in ${components}`,
    );
  }

  /** The paragraphs with any of the fields wanted, in the Sources indices or the Packages indices of an architecture. */
  async find(
    suite: VerifiedSuite,
    where: 'sources' | { readonly packages: string },
    wanted: readonly WantedField[],
  ): Promise<readonly Found[]> {
    const indices = await (where === 'sources' ? this.sources(suite) : this.packages(suite, where.packages));
    const found: Found[] = [];
    for (const index of indices) {
      for await (const paragraph of findParagraphs(index, wanted)) found.push({ index, suite, paragraph });
    }
    return found;
  }

  /** A suite's Packages indices as an environment's package manager reads them. */
  async indices(suite: VerifiedSuite, architecture: string): Promise<SuiteIndices> {
    const packages = await this.packages(suite, architecture);
    return {
      archive: suite.archive,
      suite: suite.suite,
      baseUrl: suite.baseUrl,
      inRelease: suite.inRelease,
      packages: packages.map(({ component, path, sha256, size }) => ({ component, path, sha256, size })),
    };
  }

  /** A suite, and before it the one that its build dependencies come from when it cannot stand alone. */
  async withBase(suite: VerifiedSuite): Promise<readonly VerifiedSuite[]> {
    const base = baseOf(suite.suite);
    return base === undefined ? [suite] : [await this.suite(base), suite];
  }

  /** What could not be had, with all that was verified until then. */
  unavailable(what: Unavailable['what'], missing: readonly string[]): Unavailable {
    return { kind: 'unavailable', what, missing: missing.toSorted(), verified: this.verified, notes: this.notes };
  }

  async #open(suite: VerifiedSuite, kind: 'sources' | { readonly packages: string }): Promise<readonly IndexFile[]> {
    const { fetcher, signal, components } = this.#context;
    const indices: IndexFile[] = [];
    for (const component of components) {
      const index = await openIndex(suite, { component, kind }, { fetcher, signal });
      if (index === undefined) continue;
      this.record(index.verification);
      indices.push(index);
    }
    return indices;
  }
}
