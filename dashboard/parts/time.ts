import type { Frame } from '../frame.ts';
import { type Element, el } from '../h.ts';
import { counted } from './numbers.ts';

const STEPS: readonly (readonly [word: string, seconds: number])[] = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
];

/**
 * When something was or will be, from now: `3 hours ago`, with the exact time in the markup and on hover. Text that is
 * no time is shown as it is.
 */
export function timeElement(frame: Pick<Frame, 'now'>, instant: string): Element {
  const at = new Date(instant);
  if (Number.isNaN(at.getTime())) return el('span', {}, instant);
  const iso = at.toISOString().replace(/\.\d{3}Z$/, 'Z');
  return el('time', { datetime: iso, title: exact(iso) }, relative(at.getTime() - frame.now.getTime()));
}

/** A day (YYYY-MM-DD) as it is. */
export function dayElement(day: string): Element {
  return el('time', { datetime: day }, day);
}

/** `2026-11-29 13:05:00 UTC`, for titles and tables that have to be exact. */
export function exact(instant: string): string {
  return `${instant.slice(0, 10)} ${instant.slice(11, 19)} UTC`;
}

function relative(milliseconds: number): string {
  const seconds = Math.floor(Math.abs(milliseconds) / 1000);
  const step = STEPS.find(([, length]) => seconds >= length);
  if (step === undefined) return milliseconds > 0 ? 'in a moment' : 'just now';
  const text = counted(Math.floor(seconds / step[1]), step[0]);
  return milliseconds > 0 ? `in ${text}` : `${text} ago`;
}
