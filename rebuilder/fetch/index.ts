export { askService, type Question } from './ask.ts';
export { type CacheUsage, cacheUsage, type PruneScope, pruneCache, verifyCache } from './housekeeping.ts';
export { type LogFiles, type LogFilesOptions, openLogFiles } from './log-files.ts';
export { type FetcherOptions, openFetcher } from './open-fetcher.ts';
export { openPoster, type Poster, type PosterOptions } from './post.ts';
export { type ProxySettings, proxyFromEnvironment } from './proxy.ts';
export type { CachedFile, Fetcher, FetchProgress } from './types.ts';
