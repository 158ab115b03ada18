/**
 * The number of trials in a test for rare faults: `few` in `npm test`, `many` in `npm run test:all`, which sets `TRIALS`.
 */
export function trials<T>(few: T, many: T): T {
  return process.env["TRIALS"] === "many" ? many : few
}
