import {
  countersign,
  type LinkSigner,
  readSignedLink,
  rebuildLink,
  type SignedLink,
  signLink,
} from '../../../attest/index.ts';
import type { BlobStore } from '../../store/index.ts';
import type { ResultStore, StoredArtifact } from '../../store/results/types.ts';

const LARGEST_LINK = 1024 ** 2;
/** How many results of the same bytes are looked through, newest first. */
const MOST_EARLIER = 1_000;

type Parts = {
  readonly results: Pick<ResultStore, 'artifactsBySha256'>;
  readonly blobs: BlobStore;
  readonly signer: LinkSigner;
};

/**
 * The link of an artifact, which every artifact has: a client that gates installations asks for each, and one that is
 * missing would cost it all others. Only what this server itself compared is signed by it: a worker's link is given as
 * the worker signed it, unless this server compared the same bytes earlier, when ours is. Where there is neither, ours
 * says of a file that differs, or that only somebody else looked at, that nothing came out which anybody could have meant.
 */
export async function attestationOf(artifact: StoredArtifact, parts: Parts): Promise<SignedLink> {
  const { blobs, signer } = parts;
  const stored = artifact.attestation === undefined ? undefined : await readLink(blobs, artifact);
  if (stored !== undefined && artifact.checkedHere) return countersign(stored, signer);
  const product = artifact.checkedHere ? artifact.rebuilt : await vouchedFor(artifact, parts);
  if (product !== undefined) return signLink(rebuildLink(artifact.fileName, { sha256: product.sha256 }), signer);
  return stored ?? signLink({ ...rebuildLink(artifact.fileName, { sha256: '' }), products: {} }, signer);
}

/** The published bytes of what somebody else found GOOD, where this server saw them come out of an earlier rebuild. */
async function vouchedFor({ status, published }: StoredArtifact, { results }: Parts): Promise<typeof published> {
  if (status !== 'GOOD' || published === undefined) return undefined;
  const same = await results.artifactsBySha256(published.sha256, MOST_EARLIER);
  const isSeen = same.some((one) => one.checkedHere && one.rebuilt?.sha256 === published.sha256);
  return isSeen ? published : undefined;
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
