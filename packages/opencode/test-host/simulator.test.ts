import { setTimeout as sleep } from "node:timers/promises"
import { expect, onTestFinished, test } from "vitest"
import { type Simulator, startSimulator } from "../../simulator/src/server.ts"
import { systemClock } from "./clock.ts"
import { authorization, hostWith, messageOf, oauth } from "./plugin-fixture.ts"
import type { Authorization, OAuth, PluginContext } from "./types.ts"

const CLIENT = "f0304373b74a44d2b584a3fb70ca9e56"
/** The pair of RFC 7636, appendix B. */
const VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
const CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"

async function simulator(scenario?: object): Promise<Simulator> {
  const started = await startSimulator()
  onTestFinished(() => started.close())
  if (scenario !== undefined) await post(`${started.origin}/_sim/scenario`, JSON.stringify(scenario))
  return started
}

async function post(url: string, body: string | URLSearchParams): Promise<Record<string, unknown>> {
  return Object(await (await fetch(url, { method: "POST", body })).json())
}

/** A plugin that signs in by the device flow and fixes the body by the rules of the account's route. */
const deviceFlow = (origin: string) => async (context: PluginContext) => {
  const form = (fields: Record<string, string>) => new URLSearchParams({ client_id: CLIENT, ...fields })
  const token = `${origin}/api/v1/oauth2/token`

  async function poll(deviceCode: string): Promise<OAuth> {
    for (;;) {
      const grant = { grant_type: "urn:ietf:params:oauth:grant-type:device_code", code_verifier: VERIFIER }
      const { access_token, refresh_token } = await post(token, form({ ...grant, device_code: deviceCode }))
      if (typeof access_token === "string")
        return oauth({ access: access_token, refresh: String(refresh_token), metadata: { baseURL: `${origin}/v1` } })
      await sleep(10)
    }
  }

  async function authorize(): Promise<Authorization> {
    const started = await post(
      `${origin}/api/v1/oauth2/device/code`,
      form({
        scope: "openid profile email model.completion",
        code_challenge: CHALLENGE,
        code_challenge_method: "S256",
      }),
    )
    const callback = poll(String(started["device_code"]))
    return authorization(callback, { instructions: String(started["user_code"]), url: `${origin}/authorize` })
  }

  await context.integration.transform(({ method }) => {
    method.update({ integrationID: "alibaba", method: { id: "oauth", type: "oauth", label: "Qwen" }, authorize })
  })
  await context.provider.transform((editor) => editor.models.update("alibaba", "coder-model", () => {}))
  await context.session.hook(
    "http.request",
    async (event) => {
      const body: { messages: { role: string; content: unknown }[] } = Object(await event.request.clone().json())
      const messages = body.messages.map((message) =>
        message.role === "system" && typeof message.content === "string"
          ? { ...message, content: [{ type: "text", text: message.content }] }
          : message,
      )
      event.request = new Request(event.request, { body: JSON.stringify({ ...body, messages }) })
    },
    { providerID: "alibaba" },
  )
}

async function signedInto(scenario?: object) {
  const { origin } = await simulator(scenario)
  const { host } = await hostWith(deviceFlow(origin), {
    fetch: globalThis.fetch,
    clock: { ...systemClock, pause: async () => {} },
  })
  const signIn = await host.connect("alibaba", "oauth", undefined, {
    onShown: ({ instructions }) => post(`${origin}/_sim/approve`, JSON.stringify({ user_code: instructions })),
  })
  expect(signIn).toEqual({ status: "complete" })
  return host
}

const OPTIONS = { model: "alibaba/coder-model" }

test("over loopback: a sign-in, a streamed conversation and a title", async () => {
  const host = await signedInto({ freeTier: "on" })
  const result = await host.prompt("s", "hello", { ...OPTIONS, title: true })
  expect(result.error).toBeUndefined()
  expect(result.text).not.toBe("")
  expect(result.title?.text).not.toBe("")
  expect(await messageOf(host.close())).toBe("nothing was refused")
})

test("over loopback: a firewall's page is tried five times", async () => {
  const host = await signedInto({ freeTier: "on", answers: { chat: { standing: { named: "firewall" } } } })
  const { error } = await host.prompt("s", "hello", OPTIONS)
  expect(error?.type).toBe("broken-off")
  expect(host.requests).toHaveLength(5)
})

test("over loopback: a tool is called and its result is sent", async () => {
  const scenario = { freeTier: "on", chat: { toolCalls: [{ name: "read", arguments: { path: "a" } }] } }
  const host = await signedInto(scenario)
  const inputs: string[] = []
  const tools = [{ name: "read", run: (input: string) => `content ${inputs.push(input)}` }]
  const { error, toolRuns } = await host.prompt("s", "read a", { ...OPTIONS, tools })
  expect([error, toolRuns, inputs]).toEqual([undefined, ["read"], ['{"path":"a"}']])
})
