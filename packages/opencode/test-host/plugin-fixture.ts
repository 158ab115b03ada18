import { onTestFinished } from "vitest"
import { type FakeClock, fakeClock } from "./clock.ts"
import { type HostOptions, type OpenCodeHost, startHost } from "./start-host.ts"
import type { Authorization, HookEvent, OAuth, PluginContext } from "./types.ts"
import { errorMessage } from "./violations.ts"

type Setup = (context: PluginContext) => unknown

/** The module of a plugin with this `setup`. */
export const pluginModule = (setup: Setup, id = "sample") => ({ default: { id, setup } })

/** A host with one plugin, the directory `/project` and a fake clock. It is closed after the test. */
export async function hostWith(setup: Setup, options: HostOptions = {}) {
  const clock: FakeClock = fakeClock()
  const host = await startHost({ clock, fetch: noNetwork, ...options })
  onTestFinished(async () => host.close().catch(() => {}))
  await host.install(pluginModule(setup))
  await host.open("/project")
  return { host, clock }
}

/** The context of a plugin in a running host. */
export async function contextOf(options: HostOptions = {}, setup: Setup = () => {}) {
  let context: PluginContext | undefined
  const started = await hostWith(async (given) => {
    context = given
    await setup(given)
  }, options)
  if (context === undefined) throw new Error(started.host.failures.join())
  return { ...started, context }
}

const noNetwork: typeof globalThis.fetch = async () => {
  throw new Error("the test did not expect this request")
}

/** A chat stream. @param finish `undefined`: it breaks off */
export function stream(text: string, finish: string | undefined = "stop", delta: object = {}): Response {
  const chunks = [
    ...(text === "" ? [] : [{ choices: [{ delta: { content: text } }] }]),
    { choices: [{ delta, ...(finish === undefined ? {} : { finish_reason: finish }) }] },
  ]
  const lines = chunks.map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`).join("")
  return new Response(finish === undefined ? lines : `${lines}data: [DONE]\n\n`, {
    headers: { "content-type": "text/event-stream" },
  })
}

/** A chat stream that breaks off. */
export const brokenStream = (text = "") =>
  new Response(text === "" ? "" : `data: ${JSON.stringify({ choices: [{ delta: { content: text } }] })}\n\n`)

/** An error of the provider. */
export const refusal = (status: number, error: object, headers: Record<string, string> = {}) =>
  new Response(JSON.stringify({ error }), { status, headers: { "content-type": "application/json", ...headers } })

/** A fetch that gives one reply after the other, and the last one for ever. */
export function replies(...given: (() => Response | Promise<Response>)[]): typeof globalThis.fetch {
  let next = 0
  return async () => {
    const reply = given[Math.min(next++, given.length - 1)]
    if (reply === undefined) throw new Error("the test has no reply")
    return reply()
  }
}

export const CHAT = "https://dashscope-intl.aliyuncs.com/compatible-mode/v1/chat/completions"
export const HOUR_MS = 3_600_000
export const CODER = { model: "alibaba/qwen3-coder-plus" } as const

/** An OAuth credential. */
export const oauth = (fields: Partial<OAuth> = {}): OAuth => ({
  type: "oauth",
  methodID: "oauth",
  access: "access-1",
  refresh: "refresh-1",
  expires: Date.parse("2026-12-26T10:00:00Z"),
  ...fields,
})

interface MethodFields {
  authorize?: (answer: Record<string, unknown>) => Promise<Authorization>
  refresh?: (credential: OAuth) => Promise<OAuth>
  label?: (credential: OAuth) => string | undefined
  form?: readonly Record<string, unknown>[]
  id?: string
}

/** An authorization whose result is known. */
export const authorization = (callback: Promise<OAuth>, fields: object = {}): Authorization => {
  callback.catch(() => {})
  return { mode: "auto", url: "https://qwen.test/device", instructions: "Enter ABCD", callback, ...fields }
}

/** A `setup` that registers an OAuth method. */
export const signsIn =
  ({
    authorize = async () => authorization(Promise.resolve(oauth())),
    form,
    id = "oauth",
    ...more
  }: MethodFields = {}) =>
  async ({ integration }: PluginContext) => {
    await integration.transform((editor) => {
      editor.method.update({
        integrationID: "alibaba",
        method: { id, type: "oauth", label: "Qwen", ...(form === undefined ? {} : { form }) },
        authorize,
        ...more,
      })
    })
  }

/** A `setup` that registers one hook on `alibaba`. */
export const hooks =
  (...given: readonly (readonly [name: string, callback: (event: HookEvent) => unknown])[]) =>
  async ({ session }: PluginContext) => {
    for (const [name, callback] of given) await session.hook(name, callback, { providerID: "alibaba" })
  }

/** A host that is signed in with a key. */
export async function signedIn(
  setup: Setup,
  options: HostOptions = {},
): Promise<{ host: OpenCodeHost; clock: FakeClock }> {
  const started = await hostWith(setup, options)
  await started.host.connect("alibaba", "key", undefined, { key: "sk-test" })
  return started
}

export async function messageOf(work: Promise<unknown>): Promise<string> {
  return work.then(() => "nothing was refused", errorMessage)
}

/** The body of a sent request. */
export function bodyOf(host: OpenCodeHost, at = 0): Record<string, unknown> {
  const parsed: unknown = JSON.parse(host.requests[at]?.body ?? "null")
  return { ...Object(parsed) }
}
