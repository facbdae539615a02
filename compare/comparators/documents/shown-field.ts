import type { FieldChange } from '../../../model/index.ts';
import { escapeBoth, escapeText, shorten, shortenBoth } from '../../escape.ts';

const SHOWN = 200;

type Values = { readonly left: string | undefined; readonly right: string | undefined };

/** A named value of both sides for display: escaped, and shortened so that what differs is seen. */
export function shownField(name: string, { left, right }: Values): FieldChange {
  const [old, now] =
    left === undefined || right === undefined
      ? [left && escapeText(shorten(left, SHOWN)), right && escapeText(shorten(right, SHOWN))]
      : escapeBoth(...shortenBoth(left, right, SHOWN));
  return {
    name: escapeText(shorten(name, SHOWN)),
    ...(old === undefined ? {} : { left: old }),
    ...(now === undefined ? {} : { right: now }),
  };
}
