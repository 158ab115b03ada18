import { expect, test, vi } from "vitest"
import { allOutput } from "./load-plugin.ts"
import { hostWith, messageOf, refusedRun, source } from "./plugin-fixture.ts"

const hostRunning = (run: string, options = {}) => hostWith({ main: source(run) }, options)

test("the user chooses by label", async () => {
  const host = await hostRunning(`
    const items = [{ label: "Red", description: "like fire", value: 1 }, { label: "Blue", value: 2 }]
    return [await ui.showQuickPick(items, { title: "Colour" }), await ui.showQuickPick(items)]`)
  host.user.picks("Blue", undefined)
  expect(await host.run("demo.run")).toEqual([2, undefined])
  expect(host.shown[0]).toMatchObject({ kind: "pick", title: "Colour", answer: "Blue", items: [{ label: "Red" }, {}] })
  await host.close()
})

test("an unknown label and a dialog without an answer are refused", async () => {
  const host = await hostRunning('return ui.showQuickPick([{ label: "Red", value: 1 }])')
  host.user.picks("Green")
  const refusals = [await messageOf(host.run("demo.run")), await messageOf(host.run("demo.run"))]
  expect(refusals).toEqual([
    'ui.showQuickPick: "Green" is not offered, only "Red"',
    'The choice "undefined": the test has no answer for it',
  ])
  expect(host.takeViolations()).toEqual(refusals)
})

test("an answer that does not validate counts as cancelled", async () => {
  const host = await hostRunning(`
    const ask = () => ui.showInputBox({ prompt: "Key", password: true, validateInput: (t) => t === "good" ? undefined : "No key" })
    return [await ask(), await ask(), await ask()]`)
  host.user.types("bad", "good", undefined)
  expect(await host.run("demo.run")).toEqual([undefined, "good", undefined])
  expect(host.shown).toMatchObject([
    { kind: "input", password: true, answer: "bad", problem: "No key" },
    { answer: "good", problem: undefined },
    { answer: undefined, problem: undefined },
  ])
  expect(allOutput(host)).toContain("No key")
})

test("a dialog stays open until its answer is computed", async () => {
  const host = await hostRunning('return ui.showConfirmDialog("Sure?", { type: "warning" })')
  let answer = (_: boolean) => {}
  host.user.confirms(() => new Promise((resolve) => (answer = resolve)))
  const outcome = host.run("demo.run")
  await expect.poll(() => host.shown).toMatchObject([{ kind: "confirm", text: "Sure?", answer: undefined }])
  answer(true)
  expect(await outcome).toBe(true)
})

test("progress messages are recorded, and the user can cancel", async () => {
  const host = await hostRunning(`
    return ui.withProgress({ title: "Waiting", cancellable: true }, async (progress, token) => {
      progress.report({ message: "still" })
      while (!token.isCancellationRequested) await new Promise(setImmediate)
      return "cancelled"
    })`)
  const outcome = host.run("demo.run")
  expect(await host.leaks()).toContain('progress "Waiting"')
  host.cancelProgress()
  expect(await outcome).toBe("cancelled")
  expect(host.shown).toMatchObject([{ kind: "progress", messages: ["still"], state: "done", cancelled: true }])
  await host.close()
})

test.each([
  ["ui.showNotification('a', { kind: 'info' })", "kind"],
  ["ui.showNotification('')", "must not be empty"],
  ["ui.showQuickPick(['a'])", "ui.showQuickPick: 0"],
  ["ui.showQuickPick([])", "something to choose from"],
  ["ui.showQuickPick([{ label: 'a', value: 1 }, { label: 'a', value: 2 }])", "labels must be unique"],
  ["ui.showInputBox({ secret: true })", "secret"],
  ["ui.withProgress({ title: 'a' }, async (_, token) => token.onCancellationRequested)", "is unknown to Alma"],
  ["ui.withProgress({ title: 'a' }, async (progress) => progress.report('b'))", "progress.report"],
  ["ui.createStatusBarItem({ id: 'a', alignment: 'top' })", "alignment"],
  ["ui.openExternal('file:///etc/passwd')", "is not a web address"],
  ["ui.openExternal('not a url')", "ui.openExternal"],
])("refuses %s", async (use, refusal) => {
  expect(await refusedRun(`await (${use})`)).toContain(refusal)
})

test("openExternal opens a URL, fails, or is absent", async () => {
  const run = "if (!ui.openExternal) return 'absent'; await ui.openExternal('https://a.test/?code=1'); return 'opened'"
  const host = await hostRunning(run)
  const browser = vi.fn(() => fetch("data:,the test's own request"))
  host.user.onOpen = browser
  expect(await host.run("demo.run")).toBe("opened")
  await expect.poll(() => browser.mock.calls).toEqual([["https://a.test/?code=1"]])
  expect(host.requests).toEqual([])
  host.user.openExternal = "throws"
  expect(await messageOf(host.run("demo.run"))).toBe("No application is set to open web addresses.")
  await host.close()
  const older = await hostRunning(run, { absent: ["openExternal"] })
  expect(await older.run("demo.run")).toBe("absent")
  await older.close()
})

test("all texts that reach the user or a log are recorded", async () => {
  const host = await hostRunning(`
    ui.showNotification("n-text", { type: "success" })
    ui.showError("e-text")
    ui.showWarning("w-text")
    await ui.showConfirmDialog("c-text", { confirmLabel: "c-label" })
    await ui.withProgress({ title: "p-title" }, async ({ report }) => report({ message: "p-text" }))
    const item = ui.createStatusBarItem({ id: "s", alignment: "left" })
    item.text = "s-text"
    item.show()
    item.dispose()
    logger.warn("l-text", { deep: { er: { token: "l-detail" } } })
    console.log("console-text")
    throw new Error("t-text", { cause: { body: "t-cause" } })`)
  host.user.confirms(true)
  await expect(host.run("demo.run")).rejects.toThrow("t-text")
  const output = allOutput(host)
  const texts = "n-text e-text w-text c-text c-label p-title p-text s-text l-text l-detail console-text t-text t-cause"
  expect(texts.split(" ").filter((text) => !output.includes(text))).toEqual([])
  await host.close()
})
