/**
 * Adds up vitest's JSON reports and prints the last line of the CI output: `N passed, N failed`. Skipped tests have a line before it.
 *
 * node scripts/count-tests.mjs REPORT...
 */
import { existsSync, readFileSync } from "node:fs"

const total = { passed: 0, failed: 0, skipped: 0 }
for (const file of process.argv.slice(2)) {
  if (!existsSync(file)) {
    // The run ended before it wrote its report.
    total.failed += 1
    continue
  }
  const report = JSON.parse(readFileSync(file, "utf8"))
  total.passed += report.numPassedTests
  total.skipped += report.numPendingTests
  // A test file that cannot be loaded has no tests, but is a failure. So is a run that failed for another reason.
  const unloaded = report.testResults.filter(
    (/** @type {{status: string, assertionResults: unknown[]}} */ file) =>
      file.status === "failed" && file.assertionResults.length === 0,
  )
  total.failed += report.success ? 0 : Math.max(report.numFailedTests + unloaded.length, 1)
}
if (total.skipped > 0) console.log(`${total.skipped} skipped`)
console.log(`${total.passed} passed, ${total.failed} failed`)
process.exitCode = total.failed === 0 && total.passed > 0 ? 0 : 1
