/**
 * How often a test tries something that seldom goes wrong. `npm test` finds what goes wrong often; `npm run test:all`, which sets
 * `TRIALS`, also finds what is rare.
 */
export function trials<T>(few: T, many: T): T {
  return process.env["TRIALS"] === "many" ? many : few
}
