export type { Answer, LogPlace, RefusedEvidence, Rule, Voice } from './answer.ts';
export { readLink } from './formats/open-link.ts';
export { type OssRebuild, readOssRebuild } from './formats/oss-rebuild.ts';
export { BUNDLE_LIMITS, readBundle } from './formats/read-bundle.ts';
export { readTrustedRoot, type TrustedLog } from './formats/read-trusted-root.ts';
export type { Piece, Question } from './hear-bundles.ts';
export type { Policy, PolicyKey, PolicyLog, PolicyRebuilder } from './policy/policy.ts';
export { readPolicy } from './policy/read-policy.ts';
export { type Evidence, NO_EVIDENCE, verifyEvidence } from './verify.ts';
