/** The thread of open-packer.ts. */
import { answerQuestions } from '../../asking-thread.ts';
import { type Coding, pack } from './pack.ts';

answerQuestions<{ readonly bytes: Uint8Array; readonly coding: Coding }, Uint8Array<ArrayBuffer>>(
  ({ bytes, coding }) => pack(bytes, coding),
  (packed) => [packed.buffer],
);
