import {
  countersign,
  type LinkSigner,
  readSignedLink,
  rebuildLink,
  type SignedLink,
  signLink,
} from '../../../attest/index.ts';
import type { BlobStore } from '../../store/index.ts';
import type { StoredArtifact } from '../../store/results/types.ts';

const LARGEST_LINK = 1024 ** 2;

/**
 * The link of an artifact, which every artifact has: a client that gates installations asks for each, and one that is
 * missing would cost it all others. Only what this server itself compared is signed by it: a worker's link is given as
 * the worker signed it, and where there is none, ours says of a file that differs, or that only somebody else looked at,
 * that nothing came out which anybody could have meant.
 */
export async function attestationOf(
  artifact: StoredArtifact,
  { blobs, signer }: { readonly blobs: BlobStore; readonly signer: LinkSigner },
): Promise<SignedLink> {
  const stored = artifact.attestation === undefined ? undefined : await readLink(blobs, artifact);
  if (stored !== undefined) return artifact.checkedHere ? countersign(stored, signer) : stored;
  const product = artifact.checkedHere ? artifact.rebuilt : undefined;
  if (product !== undefined) return signLink(rebuildLink(artifact.fileName, { sha256: product.sha256 }), signer);
  return signLink({ ...rebuildLink(artifact.fileName, { sha256: '' }), products: {} }, signer);
}

async function readLink(blobs: BlobStore, { attestation }: StoredArtifact): Promise<SignedLink | undefined> {
  if (attestation === undefined || (await blobs.path(attestation)) === undefined) return undefined;
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of blobs.read(attestation)) {
    bytes += chunk.length;
    if (bytes > LARGEST_LINK) return undefined;
    chunks.push(chunk);
  }
  return readSignedLink(Buffer.concat(chunks).toString('utf8'));
}
