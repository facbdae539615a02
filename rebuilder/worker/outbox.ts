import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { canonicalJson } from '../../model/index.ts';
import { onDisk, syncFolder, writeNewFile } from '../store/durable.ts';
import { removeLeftovers, temporaryName } from '../store/temporary.ts';
import { resultRequest } from '../worker-protocol/index.ts';

const letter = z.strictObject({ jobId: z.number().int().min(1), request: resultRequest });

/** A result on its way: of which job, and the message. */
export type Letter = z.infer<typeof letter>;

/** Results that a server has not acknowledged, on the disk: they outlive this process and the machine's power. */
export interface Outbox {
  /** Keeps a result until it is removed; one of the same job and lease is replaced. Throws STORE_FAILED. */
  add(letter: Letter): Promise<void>;
  /** All that is kept, in the order of their leases. What cannot be read is told to `onDamaged`, and left out. */
  letters(onDamaged: (file: string) => void): Promise<readonly Letter[]>;
  remove(letter: Letter): Promise<void>;
}

const NAME = /^(\d{1,16})-(\d{1,16})\.json$/;

/** Opens the outbox of a folder, made as needed (0700); one file for each result, written whole or not at all. */
export async function openOutbox(folder: string): Promise<Outbox> {
  const temporary = path.join(folder, 'tmp');
  await onDisk(`opening the outbox ${folder}`, async () => {
    await mkdir(temporary, { recursive: true, mode: 0o700 });
    await removeLeftovers(temporary);
  });
  const fileOf = ({ jobId, request }: Letter): string => path.join(folder, `${jobId}-${request.lease}.json`);
  return {
    add: async (added) => {
      const doing = `keeping the result of job ${added.jobId}`;
      const draft = path.join(temporary, temporaryName());
      try {
        await writeNewFile(draft, [Buffer.from(canonicalJson(added))], { mode: 0o600, doing });
        await onDisk(doing, async () => {
          await rename(draft, fileOf(added));
          await syncFolder(folder);
        });
      } finally {
        await rm(draft, { force: true });
      }
    },
    letters: async (onDamaged) => {
      const files = await onDisk(`reading the outbox ${folder}`, () => readdir(folder));
      const kept: Letter[] = [];
      for (const name of files.filter((file) => NAME.test(file))) {
        const read = await readLetter(path.join(folder, name));
        if (read === undefined || fileOf(read) !== path.join(folder, name)) onDamaged(path.join(folder, name));
        else kept.push(read);
      }
      return kept.sort((left, right) => left.request.lease - right.request.lease);
    },
    remove: async (sent) => {
      await onDisk(`removing the result of job ${sent.jobId}`, () => rm(fileOf(sent), { force: true }));
    },
  };
}

async function readLetter(file: string): Promise<Letter | undefined> {
  const text = await onDisk(`reading ${file}`, () => readFile(file, 'utf8'));
  try {
    return letter.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}
