import type { Verification } from '../../../model/index.ts';
import type { Paragraph } from './layout.ts';

/** What was verified, and by which key, for the report of a record. */
export function verificationParagraphs(verified: readonly Verification[]): readonly Paragraph[] {
  return verified.flatMap(oneVerification);
}

function below(label: string, text: string): Paragraph {
  return { indent: 4, label, labelWidth: 11, text };
}

function head(label: string, text: string): Paragraph {
  return { indent: 2, label, labelWidth: 11, text };
}

function keys(signedBy: readonly string[]): readonly Paragraph[] {
  return signedBy.map((fingerprint, index) => below(index === 0 ? 'signed by' : ' ', fingerprint));
}

function oneVerification(verification: Verification): readonly Paragraph[] {
  switch (verification.kind) {
    case 'release': {
      const { archive, suite, date, validUntil, expired } = verification;
      const until = validUntil === undefined ? '' : `, valid until ${validUntil}`;
      const passed: Paragraph[] = expired
        ? [{ ...below('expired', 'its date of validity had passed, and that was allowed'), style: 'yellow' }]
        : [];
      return [
        head('Release', `${archive} ${suite} of ${date}${until}`),
        ...passed,
        ...keys(verification.signedBy),
        below('keyring', verification.keyring),
        below('sha256', verification.sha256),
      ];
    }
    case 'index':
      return [
        head('index', `${verification.archive} ${verification.suite} ${verification.path}`),
        below('sha256', verification.sha256),
      ];
    case 'signature':
      return [
        {
          ...head('signature', `${verification.name}: ${verification.result}`),
          ...(verification.result === 'good' ? {} : { style: 'yellow' }),
        },
        ...keys(verification.signedBy),
        ...(verification.why === '' ? [] : [below('why', verification.why)]),
      ];
    default:
      return verification satisfies never;
  }
}
