const DAY_MS = 24 * 60 * 60_000

/** Matches the Token Plan's message: `The quota will reset at 10-15 16:00:00 UTC.` */
const RESET = /\breset at (?<month>\d\d)-(?<day>\d\d) (?<hour>\d\d):(?<minute>\d\d)(?::\d\d)? UTC\b/i

/**
 * Returns the time at which a used-up quota resets, epoch ms, or undefined if the service's message does not contain it.
 * The date has no year, so the next such date is meant, or one that passed less than a day ago.
 * @param now the current time, epoch ms
 */
export function quotaResetTime(message: string, now: number): number | undefined {
  const { month, day, hour, minute } = RESET.exec(message)?.groups ?? {}
  if (month === undefined) return undefined
  const year = new Date(now).getUTCFullYear()
  // On 1 January, a date that has just passed is one of the last year.
  return [year - 1, year, year + 1]
    .map((candidate) => Date.UTC(candidate, Number(month) - 1, Number(day), Number(hour), Number(minute)))
    .find((time) => time > now - DAY_MS)
}

/**
 * Formats a time: `Thu 15 Oct, 18:00`.
 * @param at epoch ms
 * @param timeZone IANA name; undefined for the system's time zone
 */
export function formatTimeOfReset(at: number, timeZone: string | undefined): string {
  const format = new Intl.DateTimeFormat("en-GB", {
    weekday: "short",
    day: "numeric",
    month: "short",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
    timeZone,
  })
  const parts = new Map(format.formatToParts(at).map(({ type, value }) => [type, value]))
  const part = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? ""
  // Some versions of the locale data have "Sept", others "Sep".
  const month = part("month").slice(0, 3)
  return `${part("weekday")} ${part("day")} ${month}, ${part("hour")}:${part("minute")}`
}
