export { environmentOfBuildInfo, environmentOfPlan, installedPackages } from './contents/environment.ts';
export { type LicenceExpression, licenceExpression } from './contents/licences.ts';
export { diffInventories } from './diff.ts';
export { environmentDrift, inventoryOfArtifact, inventoryOfEnvironment } from './inventory.ts';
export { readSbom } from './read.ts';
export * from './types.ts';
export { artifactSbom, environmentSbom } from './write.ts';
