export { answerPart } from './answer-part.ts';
export { tellPart } from './answer-question.ts';
export { type AskPart, askJobs, askRebuilds, askSources, askTargets } from './ask.ts';
export { type Lists, listsOf, openLists } from './open-lists.ts';
export type { ListPart } from './questions.ts';
