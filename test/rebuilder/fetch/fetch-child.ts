import type { FileDigest } from '../../../model/index.ts';
import { openFetcher } from '../../../rebuilder/fetch/index.ts';

/** Fetches one file in a process of its own and prints where it lies. Started by concurrent.test.ts. */
const { cacheFolder, file } = JSON.parse(process.argv[2] ?? '') as {
  cacheFolder: string;
  file: FileDigest & { urls: string[] };
};
const fetcher = openFetcher({ cacheFolder, stallSeconds: 20 });
console.log(JSON.stringify(await fetcher.fetchFile(file, new AbortController().signal)));
await fetcher.close();
