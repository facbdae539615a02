export { auditPage, revokePage, tokenMadePage, tokensPage, workersPage } from './access.ts';
export { confirmPage } from './confirm.ts';
export type { OperatorFrame } from './frame.ts';
export { operatorQueuePage } from './queue.ts';
export { signInPage } from './sign-in.ts';
