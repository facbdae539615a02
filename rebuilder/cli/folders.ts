import { join } from 'node:path';

/** What lies where in a data folder: the store's file is beside these. */
export function dataFolders(data: string): { readonly blobs: string; readonly evidence: string } {
  return { blobs: join(data, 'blobs'), evidence: join(data, 'rebuilds') };
}
