import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { ReproofError } from '../../../model/index.ts';
import { ROLES } from '../../store/access/types.ts';
import { type RegisterRequest, registerRequest, signupProof } from '../../worker-protocol/index.ts';
import type { ServerContext } from '../context.ts';
import { type Caller, knownWorker, takeNonce } from './authenticate.ts';
import { readMessage } from './bodies.ts';

/**
 * Makes a key known, or brings what is known of it up to date. A new key needs the signup secret, or a token of an
 * administrator; without a secret in the settings only the latter. Throws ACCESS_REQUIRED, ACCESS_DENIED, REQUEST_INVALID.
 */
export async function register(
  request: FastifyRequest,
  caller: Caller,
  { context, signupSecret }: { readonly context: ServerContext; readonly signupSecret: string | undefined },
): Promise<{ readonly id: number; readonly name: string }> {
  const message = readMessage(request, caller.bodySha256, registerRequest);
  const known = await knownWorker(caller.keyId, context);
  if (known !== undefined) await takeNonce(known, caller.nonce, context);
  const letIn = known === undefined ? await admission(request, caller, { message, context, signupSecret }) : undefined;
  const worker = await context.store.access.registerWorker({
    name: message.name,
    key: caller.keyId,
    kind: 'reproof',
    capabilities: message.capabilities,
    address: request.ip,
    ...(letIn === undefined ? {} : { letInBy: letIn }),
  });
  if (worker.revokedAt !== undefined)
    throw new ReproofError('ACCESS_DENIED', 'registering a worker: this worker was revoked');
  if (letIn !== undefined) await takeNonce(worker, caller.nonce, context);
  return { id: worker.id, name: worker.name };
}

/** Who let a new key in: an actor of the audit log. */
async function admission(
  request: FastifyRequest,
  { keyId }: Caller,
  {
    message,
    context,
    signupSecret,
  }: { readonly message: RegisterRequest; readonly context: ServerContext; readonly signupSecret: string | undefined },
): Promise<string> {
  const doing = 'registering a worker';
  if (message.proof !== undefined) {
    if (signupSecret === undefined)
      throw new ReproofError('ACCESS_DENIED', `${doing}: this server takes no signup secret`);
    if (sameText(message.proof, signupProof(signupSecret, keyId))) return 'signup';
    throw new ReproofError('ACCESS_DENIED', `${doing}: the signup secret is another`);
  }
  const token = await context.access.tokenOf(request);
  if (token === undefined)
    throw new ReproofError(
      'ACCESS_REQUIRED',
      `${doing}: its key is new, and needs the signup secret or an administrator's token`,
    );
  if (ROLES.indexOf(token.role) < ROLES.indexOf('admin'))
    throw new ReproofError('ACCESS_DENIED', `${doing}: the token's role is ${token.role}, and has to be admin`);
  return `token:${token.name}`;
}

function sameText(left: string, right: string): boolean {
  const [a, b] = [left, right].map((text) => createHash('sha256').update(text).digest());
  return timingSafeEqual(a!, b!);
}
