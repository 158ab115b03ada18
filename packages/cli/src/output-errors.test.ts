import { PassThrough } from "node:stream"
import { expect, it } from "vitest"
import { handleOutputErrors } from "./output-errors.ts"

function outputs() {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()]
  const failed = handleOutputErrors({ stdout, stderr })
  const fail = (stream: PassThrough, code: string) => stream.emit("error", Object.assign(new Error(code), { code }))
  return { stdout, stderr, failed, fail, text: () => String(stderr.read() ?? "") }
}

it("ignores a reader that closed the pipe", () => {
  const { stdout, failed, fail, text } = outputs()
  fail(stdout, "EPIPE")
  expect([failed(), text()]).toEqual([false, ""])
})

it("reports a full disk once", () => {
  const { stdout, failed, fail, text } = outputs()
  fail(stdout, "ENOSPC")
  fail(stdout, "ENOSPC")
  expect(failed()).toBe(true)
  expect(text()).toBe("qwen-auth: The output could not be written (ENOSPC). Check the disk or the file.\n")
})

it.each(["EPIPE", "ENOSPC"])("ignores %s on standard error", (code) => {
  const { stderr, failed, fail } = outputs()
  expect(() => fail(stderr, code)).not.toThrow()
  expect(failed()).toBe(false)
})
