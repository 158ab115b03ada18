import { defineConfig } from "vitest/config"

/** Our own packages are tested from their sources. */
const conditions = ["qwen-auth-source"]
const fromSource = { resolve: { conditions }, ssr: { resolve: { conditions, externalConditions: conditions } } }

const crowded = ["e2e/tests/renewal-*.test.ts", "e2e/tests/qwen-code-interop.test.ts"]
/** What `npm test` runs of them. */
const coreCrowded = ["e2e/tests/renewal-{crash,storm}.test.ts"]

/** It bounds a test that hangs. A busy machine is no fault. */
const hosts = { testTimeout: 300_000, hookTimeout: 300_000, expect: { poll: { timeout: 60_000 } } }

/** What `npm test` runs of the real hosts. */
const core = [
  "e2e/tests/alma-{folder,requests,sign-in}.test.ts",
  "e2e/tests/cli-{login,readme}.test.ts",
  "e2e/tests/{joined-answers,key-endpoints,thinking-levels}.test.ts",
  "e2e/tests/main-job.test.ts",
  "e2e/tests/opencode-{conversation,http-login,sign-in}.test.ts",
]

/** What CI has no time for: they start OpenCode many times. `npm run test:all` runs them. */
const slow = ["e2e/tests/opencode-{accounts,api-hosts,hopeless-networks,models,networks,requests,security}.test.ts"]

/**
 * `--mode ci`: every file but the slow ones. `--mode all`: every file, and tests that repeat something do it often enough to find what is
 * rare.
 */
export default defineConfig(({ mode }) => ({
  test: {
    silent: "passed-only",
    projects: [
      {
        ...fromSource,
        // Fake clocks and no network: a unit test that waits is a broken test.
        // They share nothing, so they need no process of their own: a process per file took five times as long.
        test: {
          name: "unit",
          include: [
            "packages/{alma,cli,core,local,opencode,testing}/src/**/*.test.ts",
            // It needs no network but loopback.
            "packages/opencode/test-host/**/*.test.ts",
          ],
          isolate: false,
          // One that waits would wait forever; a busy machine is no fault.
          testTimeout: 15_000,
        },
      },
      {
        ...fromSource,
        // A real server on loopback. One group after the other, so that real processes do not starve each other.
        test: {
          name: "simulator",
          include: ["packages/simulator/src/**/*.test.ts"],
          isolate: false,
          testTimeout: 30_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        ...fromSource,
        // Real hosts, clients and browsers against the simulator.
        test: {
          name: "e2e",
          include: [
            ...(mode === "all" || mode === "ci" ? ["e2e/tests/**/*.test.ts"] : core),
            "packages/alma/test-host/**/*.test.ts",
          ],
          exclude: mode === "ci" ? [...crowded, ...slow] : crowded,
          // They wait for each other more than they compute.
          maxWorkers: 2,
          env: { TRIALS: mode === "all" ? "many" : "few" },
          ...hosts,
          sequence: { groupOrder: 2 },
        },
      },
      {
        ...fromSource,
        // Many real processes over one credential: a file at a time, because their timing is what is tested.
        test: {
          name: "processes",
          include: mode === "all" || mode === "ci" ? crowded : coreCrowded,
          env: { TRIALS: mode === "all" ? "many" : "few" },
          ...hosts,
          testTimeout: 600_000,
          maxWorkers: 1,
          sequence: { groupOrder: 3 },
        },
      },
    ],
  },
}))
