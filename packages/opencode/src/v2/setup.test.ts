import { join } from "node:path"
import { temporaryFolders } from "qwen-auth-testing/temporary-folder"
import { expect, it } from "vitest"
import entry from "../index.ts"
import { processServices } from "./services.ts"
import { fakeContext } from "./testing/fake-context.ts"

const temporaryFolder = temporaryFolders()

it("the entry registers with OpenCode 2 and returns the cleanup", async () => {
  const host = fakeContext()
  const cleanup = await entry.setup(host.context)

  expect(host.methods()).toHaveLength(7)
  expect(cleanup()).toBeUndefined()
})

it("directories with the same settings share their services in a process", async () => {
  const home = await temporaryFolder()
  const sources = (options = {}) => ({ environment: {}, options, home, temporary: join(home, "tmp") })
  const services = processServices(sources())

  expect(processServices(sources())).toBe(services)
  expect(services.services()).toBe(services.services())
  expect(processServices(sources({ oauthBaseUrl: "https://qwen.example" }))).not.toBe(services)
})

it("a directory with unusable settings throws the problem instead of returning its services", async () => {
  const home = await temporaryFolder()
  const own = processServices({
    environment: {},
    options: { apiBaseUrl: "http://api.example" },
    home,
    temporary: join(home, "tmp"),
  })

  expect(() => own.services()).toThrow("apiBaseUrl")
})
