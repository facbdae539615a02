import { Spec, Validation } from '@cyclonedx/cyclonedx-library';

/** What CycloneDX's own library finds wrong by the strict schema; null for nothing. */
export async function cycloneDxErrors(text: string, version: '1.6' | '1.7'): Promise<unknown> {
  const known = version === '1.6' ? Spec.Version.v1dot6 : Spec.Version.v1dot7;
  return new Validation.JsonStrictValidator(known).validate(text);
}
