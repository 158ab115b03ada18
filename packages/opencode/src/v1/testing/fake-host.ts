import type { PluginInput } from "@opencode-ai/plugin"

/** What a plugin asked of OpenCode's client: which method, with which options. */
interface HostCall {
  readonly name: "app.log" | "auth.set" | "tui.showToast"
  readonly options: unknown
}

/** OpenCode's client as far as it is used here, recording what it is asked and answering as the test says. */
export function fakeHost(answer: () => Promise<unknown> = async () => true) {
  const calls: HostCall[] = []
  const method = (name: HostCall["name"]) => (options: unknown) => {
    calls.push({ name, options })
    return answer()
  }
  const client: PluginInput["client"] = Object.assign(Object.create(null), {
    app: { log: method("app.log") },
    auth: { set: method("auth.set") },
    tui: { showToast: method("tui.showToast") },
  })
  const input: PluginInput = Object.assign(Object.create(null), { client })
  return { client, input, calls }
}
