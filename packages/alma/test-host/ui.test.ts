import { expect, test, vi } from "vitest"
import type { Behaviour } from "./behaviour.ts"
import { allOutput } from "./load-plugin.ts"
import { hostWith, messageOf, provider, refusedRun, source } from "./plugin-fixture.ts"
import { transcript } from "./transcript.ts"

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
  const older = await hostRunning(run, { behaviour: { browser: "none" } })
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

test.each<[string, Behaviour["functions"], string]>([
  ["the user's press", "called", "pressed"],
  ["no button", "dropped", "not pressed"],
  ["an error", "refused", "could not be cloned"],
])("a function in a notification is %s when functions are %s", async (_, functions, outcome) => {
  const host = await hostRunning(
    `let pressed = "not pressed"
    try {
      ui.showNotification("Code", { duration: 0, action: { label: "Cancel", callback: () => { pressed = "pressed" } } })
    } catch (error) { return error.message }
    given()
    return pressed`,
    { behaviour: { functions } },
  )
  const press = () => (functions === "called" ? host.press("Cancel") : expect(() => host.press("Cancel")).toThrow())
  expect(await host.run("demo.run", press)).toContain(outcome)
  await host.close()
})

test.each(["dropped", "refused"] as const)("validateInput is %s", async (functions) => {
  const run = "return ui.showInputBox({ prompt: 'Key', validateInput: () => 'No key' }).catch((error) => error.message)"
  const host = await hostRunning(run, { behaviour: { functions } })
  host.user.types("anything")
  expect(await host.run("demo.run")).toContain(functions === "dropped" ? "anything" : "could not be cloned")
  await host.close()
})

test("the user sees open dialogs, progresses and notifications that stay, and can press their buttons", async () => {
  const host = await hostRunning(`
    ui.showNotification("gone soon", { duration: 1000 })
    ui.showNotification("stays", { duration: 0 })
    return ui.withProgress({ title: "Waiting" }, () => ui.showConfirmDialog("Sure?", { confirmLabel: "Yes", cancelLabel: "No" }))`)
  const answer = host.run("demo.run")
  await expect.poll(() => host.visible().split("\n")).toEqual(["stays", "Sure?", "Waiting"])
  expect(() => host.press("Perhaps")).toThrow('There is no button "Perhaps".')
  host.press("No")
  expect(await answer).toBe(false)
  expect(host.visible()).toBe("stays")
  await host.close()
})

test("a progress that shows nothing is not seen and cannot be cancelled", async () => {
  const run = "return ui.withProgress({ title: 'Waiting', cancellable: true }, async () => given())"
  const host = await hostRunning(run, { behaviour: { progress: "shows nothing" } })
  await host.run("demo.run", () => {
    expect(host.visible()).toBe("")
    expect(() => host.cancelProgress()).toThrow("cannot be cancelled")
  })
  await host.close()
})

test.each<[Behaviour["browser"], string]>([
  ["electron", "opened by electron"],
  ["opener", "opened by xdg-open: 0"],
  ["failing opener", "exit 3"],
  ["none", "ENOENT"],
])("a web address is opened by %s alone", async (browser, outcome) => {
  const run = `
    if (ui.openExternal) return "ui"
    try {
      const { shell } = await import("electron")
      await shell.openExternal(given)
      return "opened by electron"
    } catch {}
    return new Promise((resolve) => {
      const child = spawn("xdg-open", [given])
      child.on("error", (error) => resolve(error.code))
      child.on("exit", (code) => resolve(code === 0 ? "opened by xdg-open: 0" : "exit " + code))
    })`
  const main = source(run, provider(), 'import { spawn } from "node:child_process"')
  const host = await hostWith({ main }, { behaviour: { browser } })
  expect(await host.run("demo.run", "https://a.test/?b=1&c=2")).toBe(outcome)
  const opened = host.shown.flatMap((shown) => (shown.kind === "opened" ? [shown.url] : []))
  expect(opened).toEqual(outcome.startsWith("opened") ? ["https://a.test/?b=1&c=2"] : [])
  await host.close()
})

test("what was shown is readable as plain text", async () => {
  const host = await hostRunning(`
    await ui.showQuickPick([{ label: "Red", description: "like fire", value: 1 }, { label: "Blue", value: 2 }], { title: "Colour" })
    await ui.showInputBox({ title: "Key", prompt: "Paste it", password: true })
    await ui.showConfirmDialog("Sure?\\nReally?", { title: "Ask", confirmLabel: "Yes", cancelLabel: "No" })
    await ui.withProgress({ title: "Working" }, async ({ report }) => report({ message: "half" }))
    ui.showNotification("Done", { type: "success", duration: 0, action: { label: "Undo", callback() {} } })
    ui.showError("Oh")
    await ui.openExternal("https://a.test/")`)
  host.user.picks("Blue")
  host.user.types("sk-secret")
  host.user.confirms(true)
  await host.run("demo.run")
  expect(transcript(host.shown)).toBe(
    [
      "choice: Colour\n    - Red (like fire)\n    - Blue\n    > Blue",
      "input: Key — Paste it\n    > (entered)",
      "dialog: Ask\n    Sure?\n    Really?\n    [Yes] [No]\n    > Yes",
      "progress: Working\n    half",
      "success (stays): Done\n    [Undo]",
      "error: Oh",
      "opened by ui.openExternal: https://a.test/",
    ].join("\n"),
  )
  await host.close()
})
