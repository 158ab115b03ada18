import { onTestFinished } from "vitest"
import { isJsonObject, type JsonObject } from "../json.ts"
import type { ProxyOptions } from "../proxy/start-proxy.ts"
import { type Simulator, startSimulator } from "../server.ts"
import { type MovableClock, movableClock } from "./movable-clock.ts"

/** The pair of RFC 7636, appendix B. */
export const VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
const CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
export const CLIENT_ID = "f0304373b74a44d2b584a3fb70ca9e56"

interface Answer {
  status: number
  headers: Headers
  body: JsonObject
}

/** A running simulator and its requests for tests. It ends with the test. */
export interface SimulatorUnderTest {
  origin: string
  /** The proxy's origin; empty without one. */
  proxy: string
  clock: MovableClock
  control(path: string, body?: unknown): Promise<Answer>
  scenario(document: unknown): Promise<void>
  /** Creates an API key. */
  apiKey(document: JsonObject): Promise<string>
  log(): Promise<JsonObject[]>
  requestDeviceCode(change?: Record<string, string | undefined>): Promise<Answer>
  /** Polls with the right verifier, unless changed. */
  poll(deviceCode: unknown, change?: Record<string, string | undefined>): Promise<Answer>
  refresh(refreshToken: unknown, change?: Record<string, string | undefined>): Promise<Answer>
  /** Runs the device flow, approves at once, and returns the token response. */
  signIn(): Promise<JsonObject>
  /** Sends a chat request. The body is merged into a valid one. */
  chat(accessToken: unknown, change?: JsonObject, headers?: Record<string, string>): Promise<Response>
}

export async function simulatorUnderTest(proxy?: ProxyOptions): Promise<SimulatorUnderTest> {
  const clock = movableClock()
  const simulator = await startSimulator({ clock, proxy })
  onTestFinished(() => simulator.close())
  return requestsTo(simulator, clock)
}

function requestsTo({ origin, proxy = "" }: Simulator, clock: MovableClock): SimulatorUnderTest {
  const form = async (path: string, fields: Record<string, string | undefined>) => {
    const sent = Object.entries(fields).filter((field): field is [string, string] => field[1] !== undefined)
    return answerOf(await fetch(origin + path, { method: "POST", body: new URLSearchParams(sent) }))
  }
  const control = async (path: string, body: unknown = {}) =>
    answerOf(await fetch(`${origin}/_sim/${path}`, { method: "POST", body: JSON.stringify(body) }))
  const token = "/api/v1/oauth2/token"

  const self: SimulatorUnderTest = {
    origin,
    proxy,
    clock,
    control,
    scenario: async (document) => {
      const answer = await control("scenario", document)
      if (answer.status !== 200) throw new Error(String(answer.body["error"]))
    },
    apiKey: async (document) => {
      const { status, body } = await control("api-key", document)
      if (status !== 200) throw new Error(String(body["error"]))
      return String(body["key"])
    },
    log: async () => {
      const entries: unknown = await (await fetch(`${origin}/_sim/log`)).json()
      return Array.isArray(entries) ? entries.filter(isJsonObject) : []
    },
    requestDeviceCode: (change = {}) => form("/api/v1/oauth2/device/code", { ...DEVICE_CODE_REQUEST, ...change }),
    poll: (deviceCode, change = {}) => form(token, { ...POLL, device_code: String(deviceCode), ...change }),
    refresh: (refreshToken, change = {}) =>
      form(token, {
        grant_type: "refresh_token",
        client_id: CLIENT_ID,
        refresh_token: String(refreshToken),
        ...change,
      }),
    signIn: async () => {
      const { body } = await self.requestDeviceCode()
      await control("approve", { user_code: body["user_code"] })
      return (await self.poll(body["device_code"])).body
    },
    chat: (accessToken, change = {}, headers = {}) =>
      fetch(`${origin}/v1/chat/completions`, {
        method: "POST",
        headers: {
          accept: "application/json",
          "content-type": "application/json",
          authorization: `Bearer ${String(accessToken)}`,
          ...headers,
        },
        body: JSON.stringify({ ...goodChatBody(), ...change }),
      }),
  }
  return self
}

/** A valid device code request. */
export const DEVICE_CODE_REQUEST = {
  client_id: CLIENT_ID,
  scope: "openid profile email model.completion",
  code_challenge: CHALLENGE,
  code_challenge_method: "S256",
}

/** A valid poll, without its device code. */
export const POLL = {
  grant_type: "urn:ietf:params:oauth:grant-type:device_code",
  client_id: CLIENT_ID,
  code_verifier: VERIFIER,
}

/** A body that follows all rules of the OAuth route. */
function goodChatBody(): JsonObject {
  return { model: "coder-model", messages: [system("You are helpful."), { role: "user", content: "Hello" }] }
}

/** A system message in the form that the OAuth route accepts. */
export function system(text: string): JsonObject {
  return { role: "system", content: [{ type: "text", text }] }
}

async function answerOf(response: Response): Promise<Answer> {
  return { status: response.status, headers: response.headers, body: objectIn(await response.json()) }
}

/** The value as an object, for tests that look inside answers. */
export function objectIn(value: unknown): JsonObject {
  if (!isJsonObject(value)) throw new Error(`Not an object: ${JSON.stringify(value)}`)
  return value
}
