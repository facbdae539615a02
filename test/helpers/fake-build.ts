import type { ResultEntry } from '../../rebuilder/store/results/types.ts';

/** What a fake build of a source gives, every time. */
export function fakeOutput(source: string): Uint8Array {
  return Buffer.from(`built ${source}\n`);
}

/** The result of a fake build whose output has this digest. */
export function fakeEntry(sha256: string, workerId: number): ResultEntry {
  const at = new Date().toISOString();
  return {
    origin: 'ours',
    workerId,
    startedAt: at,
    builtAt: at,
    status: 'GOOD',
    verdict: 'reproducible',
    decides: true,
    artifacts: [
      {
        name: 'output',
        fileName: 'output_1_amd64.deb',
        verdict: 'identical',
        status: 'GOOD',
        rebuilt: { sha256, size: 1 },
        checkedHere: true,
      },
    ],
  };
}
