/** The payload type of every statement's envelope (in-toto attestation framework, envelope). */
export const PAYLOAD_TYPE = 'application/vnd.in-toto+json';

export const STATEMENT_TYPE = 'https://in-toto.io/Statement/v1';

/** Where the pages of our own types are; each is docs/attestations/NAME-vN.md in the sources. */
export const ATTESTATIONS_BASE = 'https://reproof.dev/attestations';

/** The comparison of what was published with what was rebuilt. */
export const COMPARISON_TYPE = `${ATTESTATIONS_BASE}/rebuild-comparison/v1`;
/** What `buildDefinition` means in the provenance of a Debian rebuild. */
export const DEBIAN_BUILD_TYPE = `${ATTESTATIONS_BASE}/debian-rebuild/v1`;

/**
 * The same on the engine of a worker of the signer's, on another machine: it built, and whoever signs held against what it
 * has itself only what internalParameters.worker.checked names.
 */
export const WORKER_BUILDER_ID = `${DEBIAN_BUILD_TYPE}#worker`;

/**
 * What a signer held against its own knowledge of what a worker said. rebuilt-files: their bytes are here, and their
 * digests were computed here. target: source, version, architecture and suite are those of the job that was leased.
 * published-files: the files the plan is judged by are those that its own verified lists name, by digest.
 */
export const WORKER_CHECKS = ['published-files', 'rebuilt-files', 'target'] as const;
export type WorkerCheck = (typeof WORKER_CHECKS)[number];

/** That a key is followed by another. */
export const KEY_ROTATION_TYPE = `${ATTESTATIONS_BASE}/key-rotation/v1`;

export const PROVENANCE_TYPE = 'https://slsa.dev/provenance/v1';
export const CYCLONEDX_TYPE = 'https://cyclonedx.org/bom';
export const SPDX_TYPE = 'https://spdx.dev/Document';
export const SUMMARY_TYPE = 'https://slsa.dev/verification_summary/v1';

/** Digests by algorithm, in lower-case hexadecimal (in-toto DigestSet). */
export type DigestSet = { readonly sha256: string };

/** A file the statement is about, by content. */
export type Subject = { readonly name: string; readonly digest: DigestSet };

/** Something the statement speaks of (in-toto ResourceDescriptor), by content where that is known. */
export type ResourceDescriptor = {
  readonly name?: string;
  readonly uri?: string;
  readonly digest?: { readonly sha256?: string; readonly sha1?: string };
  readonly mediaType?: string;
  readonly annotations?: Readonly<Record<string, string | number | boolean>>;
};

/** An in-toto Statement v1. */
export type Statement<Predicate = unknown> = {
  readonly _type: typeof STATEMENT_TYPE;
  readonly subject: readonly Subject[];
  readonly predicateType: string;
  readonly predicate: Predicate;
};
