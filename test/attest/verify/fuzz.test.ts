import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readPack } from '../../../attest/pack/index.ts';
import {
  NO_EVIDENCE,
  readBundle,
  readLink,
  readOssRebuild,
  readPolicy,
  readTrustedRoot,
  verifyEvidence,
} from '../../../attest/verify/index.ts';
import { isReproofError } from '../../../model/index.ts';
import {
  AT,
  attest,
  bundleBytes,
  FILE,
  packBytes,
  policyBytes,
  policyRebuilder,
  sampleFacts,
  sampleRebuilder,
  statementsOf,
  trustedRootText,
} from '../../helpers/verify-lab.ts';
import {
  answerTo,
  envelopesBy,
  lab,
  linkBy,
  OSS_PAYLOAD_TYPE,
  ossStatements,
  untouched,
} from './tamperings/scenario.ts';

const RUNS = { numRuns: 400, interruptAfterTimeLimit: 10_000 };
const ours = sampleRebuilder();
const attested = await attest(ours, statementsOf(sampleFacts()));
const oss = await envelopesBy(lab.oss, OSS_PAYLOAD_TYPE, ossStatements(FILE.sha256));
const policy = await readPolicy(policyBytes([policyRebuilder(ours, 'ours')]));

/** A valid piece of each kind, and what reads it. */
const readers = {
  bundle: {
    valid: bundleBytes(attested.bundles[0] ?? ({} as never)),
    read: async (bytes: Uint8Array) => readBundle(bytes),
  },
  pack: { valid: await packBytes(ours, attested), read: async (bytes: Uint8Array) => readPack([bytes]) },
  policy: {
    valid: policyBytes([policyRebuilder(ours, 'ours')]),
    read: async (bytes: Uint8Array) => await readPolicy(bytes),
  },
  link: {
    valid: Buffer.from(JSON.stringify(await linkBy(lab.rebuilderd, FILE.sha256))),
    read: async (bytes: Uint8Array) => readLink(bytes),
  },
  'trusted root': {
    valid: Buffer.from(trustedRootText(ours)),
    read: async (bytes: Uint8Array) => readTrustedRoot(bytes),
  },
  'OSS Rebuild': {
    valid: Buffer.from(oss.map((line) => JSON.stringify(line)).join('\n')),
    read: async (bytes: Uint8Array) => readOssRebuild(bytes, [lab.oss]),
  },
} as const;

/** Valid bytes with some of them changed, taken out, put in or repeated. */
function damaged(valid: Uint8Array): fc.Arbitrary<Uint8Array> {
  const place = fc.nat(valid.length - 1);
  const change = fc.record({ at: place, take: fc.nat(40), put: fc.uint8Array({ maxLength: 12 }) });
  return fc
    .array(change, { minLength: 1, maxLength: 4 })
    .map((changes) =>
      changes.reduce<Uint8Array>(
        (bytes, { at, take, put }) => Buffer.concat([bytes.subarray(0, at), put, bytes.subarray(at + take)]),
        valid,
      ),
    );
}

/** Anything but a refusal of ours is a defect. */
async function endsWell(work: () => Promise<unknown>): Promise<boolean> {
  return work().then(
    () => true,
    (error: unknown) => isReproofError(error) && error.code !== 'INTERNAL',
  );
}

describe.each(Object.entries(readers))('the reader of a %s', (_name, { valid, read }) => {
  it('reads what is valid', async () => {
    await expect(read(valid)).resolves.toBeDefined();
  });

  it('takes damaged bytes or refuses them, and does nothing else', async () => {
    await fc.assert(
      fc.asyncProperty(damaged(valid), (bytes) => endsWell(() => read(bytes))),
      RUNS,
    );
  });

  it('refuses bytes that are none', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 2_000 }), (bytes) => endsWell(() => read(bytes))),
      RUNS,
    );
  });
});

describe('a verification', () => {
  it('never holds by a bundle of which a byte that means something was changed', async () => {
    const { valid } = readers.bundle;
    const [, ...rest] = attested.bundles.map(bundleBytes);
    await fc.assert(
      fc.property(fc.nat(valid.length - 1), fc.integer({ min: 1, max: 255 }), (at, by) => {
        const bytes = Buffer.from(valid);
        bytes[at] = (bytes[at] ?? 0) ^ by;
        const pieces = [bytes, ...rest].map((each, index) => ({ place: `${index}`, bytes: each }));
        const question = { file: FILE, policy, at: AT };
        // White space around the value is all that may differ.
        return at >= valid.length - 1 || !verifyEvidence(question, { ...NO_EVIDENCE, bundles: pieces }).holds;
      }),
      RUNS,
    );
  });

  it('never holds by a pack of which a byte was changed', async () => {
    const scenario = await untouched();
    await fc.assert(
      fc.asyncProperty(fc.nat(20_000), fc.integer({ min: 1, max: 255 }), async (place, by) => {
        let same = false;
        scenario.editPack = (pack) => {
          const at = place % pack.length;
          const changed = Buffer.from(pack);
          changed[at] = (changed[at] ?? 0) ^ by;
          // Keys and roots for other tools may be spelled in other ways.
          const first = pack.indexOf('statements/');
          same = at < first;
          return changed;
        };
        return endsWell(async () => {
          const { holds } = await answerTo(scenario);
          if (holds && !same) throw new Error('it holds');
        });
      }),
      RUNS,
    );
  });
});
