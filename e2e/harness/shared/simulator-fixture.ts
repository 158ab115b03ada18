import { test } from "vitest"
import { type Simulator, type SimulatorProcess, startSimulator } from "./simulator-process.ts"

/** The values that the tests of a file share, and those of each test. */
interface Fixtures {
  $file: { simulatorOfFile: SimulatorProcess }
  $test: {
    /** Its sign-ins are polled every second. */
    simulator: Simulator
  }
}

/**
 * Creates a test function with a simulator, which one process plays for all tests of the file.
 * @param start starts the process
 */
export function testWithSimulator(start: () => Promise<SimulatorProcess> = startSimulator) {
  return test.extend<Fixtures>({
    simulatorOfFile: [
      // biome-ignore lint/correctness/noEmptyPattern: vitest reads the names of the fixtures from the pattern
      async ({}, use) => {
        const simulator = await start()
        await use(simulator)
        simulator.stop()
      },
      { scope: "file" },
    ],
    simulator: async ({ simulatorOfFile }, use) => {
      const simulator = await simulatorOfFile.forNextTest()
      await simulator.control("scenario", { deviceCode: { intervalS: 1 } })
      await use(simulator)
    },
  })
}
