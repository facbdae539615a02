const SIZE_PATTERN = /^(\d{1,12}(?:\.\d{1,3})?)\s*(?:([KMGT])(?:iB|B)?|B)?$/i;
const DURATION_PATTERN = /^(?=.)(?:(\d{1,6})d)?(?:(\d{1,6})h)?(?:(\d{1,6})m)?(?:(\d{1,9})s?)?$/;
const POWERS = { K: 1, M: 2, G: 3, T: 4 } as const;

/** A size in bytes from 4G, 512M, 1.5GiB or a plain number of bytes; units are powers of 1024. Undefined when it is none. */
export function parseSize(text: string): number | undefined {
  const match = SIZE_PATTERN.exec(text.trim());
  if (match === null) return undefined;
  const unit = match[2]?.toUpperCase() as keyof typeof POWERS | undefined;
  const bytes = Number(match[1]) * (unit === undefined ? 1 : 1024 ** POWERS[unit]);
  return Number.isSafeInteger(Math.round(bytes)) ? Math.round(bytes) : undefined;
}

/** A duration in seconds from 90m, 6h, 1h30m, 45s or a plain number of seconds. Undefined when it is none. */
export function parseDuration(text: string): number | undefined {
  const match = DURATION_PATTERN.exec(text.trim());
  if (match === null) return undefined;
  const [days, hours, minutes, seconds] = match.slice(1).map((part) => Number(part ?? 0)) as [
    number,
    number,
    number,
    number,
  ];
  return days * 86_400 + hours * 3600 + minutes * 60 + seconds;
}

/** A number of bytes for people: 812 B, 4.0 KiB, 1.2 GiB. */
export function formatSize(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  const units = ['KiB', 'MiB', 'GiB', 'TiB'] as const;
  const power = Math.min(Math.floor(Math.log2(bytes) / 10), units.length);
  const value = bytes / 1024 ** power;
  return `${value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[power - 1]}`;
}

/** A number of seconds for people: 0.4 s, 12 s, 3 m 05 s, 2 h 07 m. */
export function formatDuration(seconds: number): string {
  if (seconds < 9.95) return `${Math.max(0, seconds).toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const two = (value: number): string => String(value).padStart(2, '0');
  if (whole < 3600) return `${Math.floor(whole / 60)} m ${two(whole % 60)} s`;
  return `${Math.floor(whole / 3600)} h ${two(Math.floor((whole % 3600) / 60))} m`;
}
