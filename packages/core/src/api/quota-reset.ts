const MINUTE_MS = 60_000
const DAY_MS = 24 * 60 * MINUTE_MS

/** As the Token Plan says it: `The quota will reset at 10-15 16:00:00 UTC.` */
const RESET = /\breset at (?<month>\d\d)-(?<day>\d\d) (?<hour>\d\d):(?<minute>\d\d)(?::\d\d)? UTC\b/i

/**
 * Returns the time at which a used-up quota resets, epoch ms, or undefined if the service's text does not name it. The
 * text has no year, so the next such date is meant. A date of the last day has just passed.
 * @param now the current time, epoch ms
 */
export function quotaResetTime(message: string, now: number): number | undefined {
  const { month, day, hour, minute } = RESET.exec(message)?.groups ?? {}
  if (month === undefined) return undefined
  const year = new Date(now).getUTCFullYear()
  const inYear = (candidate: number) =>
    Date.UTC(candidate, Number(month) - 1, Number(day), Number(hour), Number(minute))
  // On New Year's Eve the last day's date may be one of the past year.
  return [year - 1, year, year + 1].map(inYear).find((time) => time > now - DAY_MS)
}

/**
 * Formats a time in words: `Thu 15 Oct, 18:00`.
 * @param at epoch ms
 * @param timeZone IANA name; the system's time zone if undefined
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
  // Some versions of the locale's data say "Sept", others "Sep".
  const month = part("month").slice(0, 3)
  return `${part("weekday")} ${part("day")} ${month}, ${part("hour")}:${part("minute")}`
}
