/** The time so many seconds after `from`, ISO 8601 in UTC like it. */
export function secondsAfter(from: string, seconds: number): string {
  return new Date(Date.parse(from) + seconds * 1000).toISOString();
}
