import { defineConfig } from "vitest/config"

/** Our own packages are tested from their sources. */
const conditions = ["qwen-auth-source"]
const fromSource = { resolve: { conditions }, ssr: { resolve: { conditions, externalConditions: conditions } } }

/** The files that `npm test` runs with the real hosts. */
const core = [
  "e2e/tests/alma-{folder,requests,sign-in}.test.ts",
  "e2e/tests/cli-{login,readme}.test.ts",
  "e2e/tests/{joined-answers,key-endpoints,thinking-levels}.test.ts",
  "e2e/tests/main-job.test.ts",
  "e2e/tests/opencode-{conversation,sign-in}.test.ts",
]
/** The files with many processes, and those of them that `npm test` runs. */
const crowded = ["e2e/tests/renewal-*.test.ts", "e2e/tests/qwen-code-interop.test.ts"]
const coreCrowded = ["e2e/tests/renewal-{crash,storm}.test.ts"]
/** The files for which CI has no time, because they start OpenCode many times. `npm run test:all` runs them. */
const slow = [
  "e2e/tests/opencode-{accounts,api-hosts,hopeless-networks,models,networks,requests,security,setups}.test.ts",
]

/**
 * `--mode ci` runs every file except the slow ones. `--mode all` runs every file, and repeats trials often enough to find rare faults.
 */
export default defineConfig(({ mode }) => {
  const everyFile = mode === "all" || mode === "ci"
  const env = { TRIALS: mode === "all" ? "many" : "few" }
  const hosts = {
    env,
    // The timeouts end a test that hangs. A busy machine must not exceed them.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 60_000 } },
  }
  return {
    test: {
      silent: "passed-only",
      projects: [
        {
          ...fromSource,
          // These tests have fake clocks and no network except loopback. They share nothing, so they need no process per file, which took
          // five times as long.
          test: {
            name: "unit",
            include: [
              "packages/{alma,cli,core,local,opencode,testing}/src/**/*.test.ts",
              "packages/opencode/test-host/**/*.test.ts",
            ],
            isolate: false,
            setupFiles: "packages/testing/src/fixed-seed.ts",
            env,
            // A test that waits would wait forever. A busy machine must not exceed this time.
            testTimeout: 15_000,
          },
        },
        {
          ...fromSource,
          // These tests use a real server on loopback. Each group starts after the one before, so that processes do not starve each other.
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
          // These tests run real hosts, clients and browsers against the simulator.
          test: {
            name: "e2e",
            include: [...(everyFile ? ["e2e/tests/**/*.test.ts"] : core), "packages/alma/test-host/**/*.test.ts"],
            exclude: mode === "ci" ? [...crowded, ...slow] : crowded,
            // They wait more than they compute.
            maxWorkers: 2,
            ...hosts,
            sequence: { groupOrder: 2 },
          },
        },
        {
          ...fromSource,
          // These tests run many real processes over one credential. One file runs at a time, because the timing is tested.
          test: {
            name: "processes",
            include: everyFile ? crowded : coreCrowded,
            ...hosts,
            testTimeout: 600_000,
            maxWorkers: 1,
            sequence: { groupOrder: 3 },
          },
        },
      ],
    },
  }
})
