/** Nanoseconds since 1970 as ISO 8601 in UTC, with nanoseconds where there are any; seconds since 1970 for what no date can say. */
export function timeText(nanoseconds: bigint): string {
  const billion = 1_000_000_000n;
  const rest = ((nanoseconds % billion) + billion) % billion;
  const seconds = (nanoseconds - rest) / billion;
  const fraction = rest === 0n ? '' : `.${rest.toString().padStart(9, '0')}`;
  const date = new Date(Number(seconds) * 1000);
  if (Number.isNaN(date.getTime())) return `${seconds}${fraction}`;
  return `${date.toISOString().slice(0, -5)}${fraction}Z`;
}
