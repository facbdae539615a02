export { packAnswers } from './pack-answers.ts';
