import { shownValue } from '../../shown-value.ts';

/**
 * A header's time, seconds since 1970 in decimal, for display: ISO 8601 with the fraction as it stands; as it is where
 * the year has more than four digits or it is no number.
 */
export function timeText(seconds: string): string {
  const parts = /^(-?[0-9]{1,12})(?:\.([0-9]+))?$/.exec(seconds);
  const date = new Date(Number(parts?.[1]) * 1000);
  const iso = Number.isNaN(date.getTime()) ? '' : date.toISOString();
  if (!/^[0-9]{4}-/.test(iso) || (parts?.[1]?.startsWith('-') && parts[2] !== undefined))
    return shownValue(`${seconds} s`);
  return iso.replace('.000Z', parts?.[2] === undefined ? 'Z' : `.${parts[2]}Z`);
}
