import { describe, expect, it } from "vitest"
import { almaLog } from "./log.ts"
import { fakeAlma } from "./testing/fake-alma.ts"

const KEY = "sk-sp-abcdefghij0123456789"

describe("Alma's log", () => {
  it("gets warnings and errors with their facts, debug messages only while they are wanted", () => {
    const { context, logged } = fakeAlma()
    let wanted = false
    const log = almaLog(context.logger, () => wanted)
    log.debug("one", { n: 1 })
    log.warn("two", { n: 2 })
    log.error("three")
    wanted = true
    log.debug("four", { n: 4 })
    expect(logged).toEqual([
      { level: "warn", details: ["two", { n: 2 }] },
      { level: "error", details: ["three", {}] },
      { level: "debug", details: ["four", { n: 4 }] },
    ])
  })

  it("never holds a token or a key, neither in a message nor in facts, errors and their causes", () => {
    const { context, logged } = fakeAlma()
    const log = almaLog(context.logger, () => true)
    const error = new Error(`Bearer ${KEY}`, { cause: new Error(`could not keep {"refresh_token":"very-secret"}`) })
    for (const level of [log.debug, log.warn, log.error]) {
      level(`with Authorization: Bearer very-secret and ${KEY}`, { error, access_token: "very-secret", text: KEY })
    }
    expect(logged).toHaveLength(3)
    expect(JSON.stringify(logged)).not.toMatch(/very-secret|abcdefghij/)
  })

  it("does not fail when Alma's logger does", () => {
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

  it("calls Alma's logger as its own method", () => {
    const logger = {
      said: "",
      debug() {},
      warn() {},
      error(message: string) {
        this.said = message
      },
    }
    almaLog(logger, () => false).error("one")
    expect(logger.said).toBe("one")
  })
})
