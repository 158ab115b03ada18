import { readdir, readFile } from "node:fs/promises"
import { join } from "node:path"
import { eventually } from "qwen-auth-testing/eventually"
import { temporaryFolders } from "qwen-auth-testing/temporary-folder"
import { expect, it } from "vitest"
import { fileLog } from "./file-log.ts"

const temporaryFolder = temporaryFolders()

it("writes warnings and errors to the debug log's file, redacted, and no debug message", async () => {
  const folder = join(await temporaryFolder(), "logs")
  const log = fileLog({ debug: false, requests: false, folder })
  log.debug("a detail")
  log.warn("no hook", { access_token: "secret-of-the-test" })
  log.error("no file")
  const text = () => readFile(join(folder, "debug.log"), "utf8")
  await eventually(async () => expect(await text()).toContain("error no file"))

  expect(await text()).toContain("warn no hook")
  expect(await text()).not.toMatch(/a detail|secret-of-the-test/)
})

it("creates no file without a message, or if the debug log has every message already", async () => {
  const folder = await temporaryFolder()
  fileLog({ debug: false, requests: false, folder })
  fileLog({ debug: true, requests: false, folder }).warn("in the debug log")

  expect(await readdir(folder)).toEqual([])
})
