import { describe, expect, it } from "vitest"
import { almaLog } from "./log.ts"
import { testAlma } from "./testing/test-alma.ts"

const KEY = "sk-sp-abcdefghij0123456789"

describe("Alma's log", () => {
  it("receives warnings and errors with their fields, and debug messages only while they are enabled", () => {
    const { context, log: logged } = testAlma()
    let enabled = false
    const log = almaLog(context.logger, () => enabled)
    log.debug("one", { n: 1 })
    log.warn("two", { n: 2 })
    log.error("three")
    enabled = true
    log.debug("four", { n: 4 })
    expect(logged).toEqual([
      { level: "warn", message: "two", details: [{ n: 2 }] },
      { level: "error", message: "three", details: [{}] },
      { level: "debug", message: "four", details: [{ n: 4 }] },
    ])
  })

  it("never contains a token or a key, neither in a message nor in fields, errors and their causes", () => {
    const { context, log: logged } = testAlma()
    const log = almaLog(context.logger, () => true)
    const error = new Error(`Bearer ${KEY}`, { cause: new Error(`could not keep {"refresh_token":"very-secret"}`) })
    for (const level of [log.debug, log.warn, log.error]) {
      level(`with Authorization: Bearer very-secret and ${KEY}`, { error, access_token: "very-secret", text: KEY })
    }
    expect(logged).toHaveLength(3)
    expect(JSON.stringify(logged)).not.toMatch(/very-secret|abcdefghij/)
  })

  it("does not throw when Alma's logger throws", () => {
    const fail = () => {
      throw new Error("the log is full")
    }
    const log = almaLog({ debug: fail, warn: fail, error: fail }, () => true)
    expect(() => {
      log.debug("one")
      log.warn("two")
      log.error("three")
    }).not.toThrow()
  })

  it("calls the methods of Alma's logger with their `this`", () => {
    const logger = {
      last: "",
      debug() {},
      warn() {},
      error(message: string) {
        this.last = message
      },
    }
    almaLog(logger, () => false).error("one")
    expect(logger.last).toBe("one")
  })
})
