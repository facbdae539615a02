import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** This product's version, from the nearest package.json above: two folders up in the source, three in dist. */
export function productVersion(): string {
  for (let folder = import.meta.dirname; folder !== dirname(folder); folder = dirname(folder)) {
    const file = join(folder, 'package.json');
    if (existsSync(file)) return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
  }
  return 'unknown';
}
