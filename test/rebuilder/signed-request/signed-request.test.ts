import { createPrivateKey, generateKeyPairSync, sign, verify } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sha256Of } from '../../../model/index.ts';
import { runProgram } from '../../../programs/index.ts';
import { keyIdOf, publicKeyOf, signRequest, verifyRequest } from '../../../rebuilder/signed-request/index.ts';
import { signatureBase } from '../../../rebuilder/signed-request/signature-base.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

// RFC 9421, B.1.4 and B.2.6.
const RFC_KEY = createPrivateKey(`-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIJ+DYvh6SEqVTm50DFtMDoQikTmiCqirVv9mWG9qfSnF
-----END PRIVATE KEY-----
`);
const RFC_PARAMETERS =
  '("date" "@method" "@path" "@authority" "content-type" "content-length");created=1618884473;keyid="test-key-ed25519"';
const RFC_COMPONENTS = [
  ['date', 'Tue, 20 Apr 2021 02:07:55 GMT'],
  ['@method', 'POST'],
  ['@path', '/foo'],
  ['@authority', 'example.com'],
  ['content-type', 'application/json'],
  ['content-length', '18'],
] as const;
const RFC_SIGNATURE = 'wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw==';

const NOW = 1_700_000_000;
const FRESH = { created: NOW, nonce: 'AAAAAAAAAAAAAAAAAAAAAA==' };
const BODY = '{"lease":7}';
const PARTS = { method: 'POST', target: '/api/worker/jobs/5/result?try=1', bodySha256: sha256Of(BODY) };
const key = generateKeyPairSync('ed25519').privateKey;

function signed(change: Readonly<Record<string, string | readonly string[] | undefined>> = {}) {
  return { method: PARTS.method, target: PARTS.target, headers: { ...signRequest(PARTS, key, FRESH), ...change } };
}

describe('the bytes that are signed', () => {
  it('are those of RFC 9421 for its Ed25519 example, and have its signature', () => {
    const base = Buffer.from(signatureBase(RFC_COMPONENTS, RFC_PARAMETERS));
    expect(sign(null, base, RFC_KEY).toString('base64')).toBe(RFC_SIGNATURE);
  });

  it('are told line by line, and openssl finds the signature good', async () => {
    const headers = signRequest(PARTS, key, FRESH);
    const digest = Buffer.from(PARTS.bodySha256, 'hex').toString('base64');
    const keyId = Buffer.from(key.export({ format: 'jwk' }).x ?? '', 'base64url').toString('base64');
    const base = `"@method": POST
"@path": /api/worker/jobs/5/result
"@query": ?try=1
"content-digest": sha-256=:${digest}:
"@signature-params": ("@method" "@path" "@query" "content-digest");created=${NOW};nonce="${FRESH.nonce}";alg="ed25519";keyid="${keyId}";tag="reproof-worker"`;
    expect(headers['content-digest']).toBe(`sha-256=:${digest}:`);
    const folder = await temporaryFolder();
    const bytes = Buffer.from(/^reproof=:(.*):$/.exec(headers.signature)?.[1] ?? '', 'base64');
    await Promise.all([
      writeFile(join(folder, 'base'), base),
      writeFile(join(folder, 'signature'), bytes),
      writeFile(join(folder, 'key'), publicKeyOf(keyId)?.export({ type: 'spki', format: 'pem' }) ?? ''),
    ]);
    const argv = ['pkeyutl', '-verify', '-pubin', '-inkey', 'key', '-rawin', '-in', 'base', '-sigfile', 'signature'];
    const limits = { wallSeconds: 30, outputBytes: 10_000 };
    const { status, stdout } = await runProgram(['openssl', ...argv], { limits, cwd: folder });
    expect([status, stdout.toString()]).toEqual([0, 'Signature Verified Successfully\n']);
  });
});

describe('a signed request', () => {
  it('is known by its key, nonce and digest of the body', () => {
    expect(verifyRequest(signed(), NOW)).toEqual({
      kind: 'signed',
      keyId: keyIdOf(key),
      nonce: FRESH.nonce,
      bodySha256: PARTS.bodySha256,
    });
  });

  it('is good when others order components and parameters in another way', () => {
    const parameters = `("content-digest" "@query" "@path" "@method");keyid="${keyIdOf(key)}";tag="reproof-worker";nonce="${FRESH.nonce}";created=${NOW}`;
    const digest = `sha-256=:${Buffer.from(PARTS.bodySha256, 'hex').toString('base64')}:`;
    const base = `"content-digest": ${digest}\n"@query": ?\n"@path": /x\n"@method": GET\n"@signature-params": ${parameters}`;
    const signature = sign(null, Buffer.from(base), key).toString('base64');
    const headers = {
      'content-digest': digest,
      'signature-input': `reproof=${parameters}`,
      signature: `reproof=:${signature}:`,
    };
    expect(verifyRequest({ method: 'GET', target: '/x', headers }, NOW).kind).toBe('signed');
  });

  it.each([
    ['another method', { ...signed(), method: 'PUT' }],
    ['another path', { ...signed(), target: '/api/worker/jobs/6/result?try=1' }],
    ['another query', { ...signed(), target: '/api/worker/jobs/5/result?try=2' }],
    ['no query', { ...signed(), target: '/api/worker/jobs/5/result' }],
    [
      'the digest of another body',
      signed({ 'content-digest': signRequest({ ...PARTS, bodySha256: sha256Of('') }, key, FRESH)['content-digest'] }),
    ],
    [
      'the parameters of another',
      signed({ 'signature-input': signRequest(PARTS, key, { ...FRESH, created: NOW + 1 })['signature-input'] }),
    ],
    [
      'the key of another',
      signed({
        'signature-input': signRequest(PARTS, generateKeyPairSync('ed25519').privateKey, FRESH)['signature-input'],
      }),
    ],
    [
      'the signature of another',
      signed({ signature: signRequest(PARTS, generateKeyPairSync('ed25519').privateKey, FRESH).signature }),
    ],
  ])('with %s is false', (_, request) => {
    expect(verifyRequest(request, NOW)).toMatchObject({ kind: 'false' });
  });

  it.each([
    [-300, 'signed'],
    [300, 'signed'],
    [-301, 'stale'],
    [301, 'stale'],
  ])('made %i s from now is %s', (seconds, kind) => {
    expect(verifyRequest(signed(), NOW - seconds).kind).toBe(kind);
  });

  it('says by how much a clock is wrong', () => {
    expect(verifyRequest(signed(), NOW + 612)).toMatchObject({ why: expect.stringContaining('612 s ago') });
    expect(verifyRequest(signed(), NOW - 612)).toMatchObject({ why: expect.stringContaining('612 s from now') });
  });

  it('is told from one that is not signed at all', () => {
    expect(verifyRequest({ method: 'GET', target: '/', headers: {} }, NOW).kind).toBe('unsigned');
  });

  const input = signed().headers['signature-input'] as string;
  it.each([
    ['no digest', { 'content-digest': undefined }],
    ['no signature', { signature: undefined }],
    ['no input', { 'signature-input': undefined }],
    ['a digest of another kind', { 'content-digest': 'sha-512=:AAAA:' }],
    ['two digests', { 'content-digest': `${signed().headers['content-digest']}, sha-512=:AAAA:` }],
    ['a digest in another spelling of base64', { 'content-digest': `sha-256=:${'A'.repeat(42)}B=:` }],
    [
      'a key in another spelling of base64',
      { 'signature-input': input.replace(/keyid="[^"]*"/, `keyid="${'A'.repeat(42)}B="`) },
    ],
    ['a short key', { 'signature-input': input.replace(/keyid="[^"]*"/, 'keyid="AAAA"') }],
    ['two signatures', { 'signature-input': `${input}, other=()` }],
    ['two headers', { 'signature-input': [input, input] }],
    ['another label', { 'signature-input': input.replace('reproof=', 'sig1=') }],
    ['a component left out', { 'signature-input': input.replace(' "content-digest"', '') }],
    ['a component twice', { 'signature-input': input.replace('"@query"', '"@path"') }],
    ['a component more', { 'signature-input': input.replace('"@query"', '"@query" "date"') }],
    ['a parameter twice', { 'signature-input': `${input};created=1` }],
    ['a parameter more', { 'signature-input': `${input};expires=1` }],
    ['another tag', { 'signature-input': input.replace('tag="reproof-worker"', 'tag="x"') }],
    ['no tag', { 'signature-input': input.replace(';tag="reproof-worker"', '') }],
    ['another algorithm', { 'signature-input': input.replace('"ed25519"', '"hmac-sha256"') }],
    ['a time in words', { 'signature-input': input.replace(/created=\d+/, 'created="now"') }],
    ['a time past all numbers', { 'signature-input': input.replace(/created=\d+/, `created=${'9'.repeat(30)}`) }],
    ['a short nonce', { 'signature-input': input.replace(/nonce="[^"]*"/, 'nonce="AAAA"') }],
    ['a long nonce', { 'signature-input': input.replace(/nonce="[^"]*"/, `nonce="${'A'.repeat(65)}"`) }],
    ['a line end', { 'signature-input': `${input}\n` }],
    ['a megabyte', { 'signature-input': `reproof=(${' '.repeat(1e6)})` }],
    ['a short signature', { signature: 'reproof=:AAAA:' }],
  ])('with %s is malformed', (_, change) => {
    expect(verifyRequest(signed(change), NOW).kind).toBe('malformed');
  });
});

describe('a key', () => {
  it('is named by its raw public bytes, and is found again from its name', () => {
    const name = keyIdOf(key);
    const found = publicKeyOf(name);
    expect(Buffer.from(name, 'base64').length).toBe(32);
    expect(found && verify(null, Buffer.from('a'), found, sign(null, Buffer.from('a'), key))).toBe(true);
    expect(publicKeyOf('')).toBeUndefined();
  });
});
