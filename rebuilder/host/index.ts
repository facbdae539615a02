export { LIST_LIMITS, type ListLimits, readPackageList } from './read-list.ts';
export { reportHost } from './report-host.ts';
export {
  HOST_STATES,
  type HostPackage,
  type HostReport,
  type HostState,
  type InstalledPackage,
  type PackageList,
} from './types.ts';
