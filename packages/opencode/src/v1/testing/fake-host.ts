import type { PluginInput } from "@opencode-ai/plugin"

/** A call of a method of OpenCode's client. */
interface HostCall {
  readonly name: "app.log" | "auth.set" | "tui.showToast"
  readonly options: unknown
}

/** Returns the part of OpenCode's client that is used here. It records the calls and responds with `answer`. */
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
    // The plugin requests OpenCode's version with it.
    path: { get: async () => ({ data: { version: "1.18.33" } }) },
  })
  const input: PluginInput = Object.assign(Object.create(null), { client })
  return { client, input, calls }
}
