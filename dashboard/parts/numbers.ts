/** Whole numbers with commas between thousands: 70,000. */
export function count(value: number): string {
  return Math.trunc(value)
    .toString()
    .replace(/\B(?=(?:\d{3})+$)/g, ',');
}

/** `1 package`, `2 packages`; `plural` where it is not the word and an s. */
export function counted(value: number, word: string, plural = `${word}s`): string {
  return `${count(value)} ${value === 1 ? word : plural}`;
}

/**
 * M of N in per cent with one digit. 100.0 and 0.0 are said only where they are true: what is nearly all is 99.9.
 * Undefined where N is 0.
 */
export function perCent(part: number, whole: number): string | undefined {
  if (whole <= 0) return undefined;
  const tenths = Math.floor((part * 1000) / whole);
  const shown = part > 0 && tenths === 0 ? 1 : tenths;
  return `${Math.floor(shown / 10)}.${shown % 10} %`;
}

const UNITS = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

/** A size for people: `12 bytes`, `1.5 MiB`. */
export function bytes(value: number): string {
  let size = value;
  let unit = 0;
  while (size >= 1024 && unit < UNITS.length - 1) {
    size /= 1024;
    unit += 1;
  }
  if (unit === 0) return counted(value, 'byte');
  return `${size < 10 ? (Math.floor(size * 10) / 10).toFixed(1) : count(size)} ${UNITS[unit]}`;
}

/** How long something took: `0.4 s`, `42 s`, `3 min 5 s`, `2 h 10 min`. */
export function duration(seconds: number): string {
  if (seconds < 10) return `${(Math.floor(seconds * 10) / 10).toFixed(1)} s`;
  const whole = Math.floor(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${count(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}
