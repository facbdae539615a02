import { join } from 'node:path';
import { sha256Of } from '../../model/index.ts';
import { openBlobs, openServiceStore } from '../../rebuilder/store/index.ts';
import type { TestDeb } from './debian-packages.ts';

/**
 * Lists a package as `reproof sync` does, with its digest, and records that the service itself rebuilt its bytes: what a
 * build of its own leaves in the data folder, beside a service that runs on it.
 */
export async function recordOwnResult(data: string, deb: TestDeb, distribution: string): Promise<void> {
  const store = await openServiceStore(data);
  try {
    const blobs = await openBlobs(join(data, 'blobs'));
    const kept = (async function* () {
      yield deb.bytes;
    })();
    const { sha256, size } = await blobs.put(deb.name, kept, deb.bytes.length);
    const { Package: name = '', Version: version = '', Architecture: architecture = '' } = deb.control;
    const file = { name, version, architecture, fileName: deb.name };
    const listed = { ...file, component: 'main', url: `https://deb.example.org/${deb.name}`, sha256, size };
    const source = { distribution, release: 'sid', component: 'main', name, version, architecture, files: [listed] };
    await store.packages.import({ profile: distribution, distribution, kind: 'whole' }, [source]);
    const [record] = (await store.packages.binaryPackages({ distribution, name }, {})).records;
    const at = new Date().toISOString();
    const same = { sha256: sha256Of(deb.bytes), size };
    await store.results.importResult(record?.buildInputId ?? 0, {
      origin: 'ours',
      startedAt: at,
      builtAt: at,
      status: 'GOOD',
      verdict: 'reproducible',
      decides: true,
      artifacts: [{ ...file, verdict: 'identical', status: 'GOOD', published: same, rebuilt: same, checkedHere: true }],
    });
  } finally {
    await store.close();
  }
}
