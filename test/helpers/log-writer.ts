import { writeNote } from '../../attest/tlog/note.ts';
import { isReproofError } from '../../model/index.ts';
import { openSampleLog, sampleEntry } from './sample-log.ts';

// A program: node log-writer.ts FOLDER FIRST LAST TOGETHER. Appends sampleEntry(FIRST) up to and without LAST, TOGETHER
// of them at a time, and prints a line of JSON for each as soon as it is told that it is in the log (or is refused).
const [folder = '', first = '0', last = '0', together = '1'] = process.argv.slice(2);
const log = await openSampleLog(folder);
process.stdout.write('{"kind":"open"}\n');
let next = Number(first);

async function work(): Promise<void> {
  while (next < Number(last)) {
    const number = next++;
    try {
      const { index, signed } = await log.append(sampleEntry(number));
      const checkpoint = writeNote(signed.note);
      process.stdout.write(`${JSON.stringify({ kind: 'logged', number, index, checkpoint })}\n`);
    } catch (error) {
      if (!isReproofError(error)) throw error;
      process.stdout.write(
        `${JSON.stringify({ kind: 'refused', number, code: error.code, message: error.message })}\n`,
      );
    }
  }
}

await Promise.all(Array.from({ length: Number(together) }, work));
await log.close();
