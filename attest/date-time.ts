const DATE_TIME =
  /^(\d{4})-(\d\d)-(\d\d)T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;

/** Whether a text is a time as RFC 3339 has it, of a day that there is. No second is a leap second. */
export function isDateTime(text: string): boolean {
  const [, year, month, day] = DATE_TIME.exec(text) ?? [];
  if (year === undefined) return false;
  const start = new Date(`${year}-${month}-${day}T00:00:00Z`);
  return !Number.isNaN(start.getTime()) && start.getUTCDate() === Number(day);
}
