import { fileURLToPath } from "node:url"
import { defineConfig } from "vitest/config"

const resolve = {
  alias: { "qwen-auth-core": fileURLToPath(new URL("./packages/core/src/index.ts", import.meta.url)) },
}

const crowded = ["e2e/tests/renewal-*.test.ts", "e2e/tests/qwen-code-interop.test.ts"]

export default defineConfig({
  test: {
    silent: "passed-only",
    projects: [
      {
        resolve,
        // Fake clocks and no network: a unit test that waits is a broken test.
        // They share nothing, so they need no process of their own: a process per file took five times as long.
        test: {
          name: "unit",
          include: ["packages/{alma,core,opencode}/src/**/*.test.ts"],
          isolate: false,
          testTimeout: 2_000,
        },
      },
      {
        resolve,
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
        resolve,
        // Real hosts, clients and browsers against the simulator.
        test: {
          name: "e2e",
          include: ["e2e/tests/**/*.test.ts", "packages/alma/test-host/**/*.test.ts"],
          exclude: crowded,
          // Hosts of others on busy machines have their own bad moments; what fails twice is broken.
          retry: 1,
          // They wait for each other more than they compute.
          maxWorkers: 2,
          testTimeout: 120_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: 2 },
        },
      },
      {
        resolve,
        // Many real processes over one credential: a file at a time, because their timing is what is tested.
        test: {
          name: "processes",
          include: crowded,
          testTimeout: 300_000,
          hookTimeout: 60_000,
          maxWorkers: 1,
          sequence: { groupOrder: 3 },
        },
      },
    ],
  },
})
