import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { text } from "node:stream/consumers"
import { type Credential, nodePlatform } from "qwen-auth-core"
import { createQwenFetch } from "qwen-auth-core/internal"
import { onTestFinished } from "vitest"
import { type Gateway, type GatewayOptions, startGateway } from "../gateway/start-gateway.ts"

/** A Token Plan key, whose plan has all three APIs. */
export const TOKEN_PLAN_KEY: Credential = {
  type: "api_key",
  apiKey: "sk-sp-key-of-the-test",
  plan: "token-plan",
  region: "international",
  baseUrl: "https://token-plan.ap-southeast-1.maas.aliyuncs.com/compatible-mode/v1",
}
export const ACCOUNT: Credential = {
  type: "oauth",
  accessToken: "access-1",
  refreshToken: "refresh-1",
  resourceUrl: undefined,
  expiresAt: Number.MAX_SAFE_INTEGER,
}
export const LOCAL_KEY = "local-key-of-the-test-0123456789abcdef"

/** A request as the service received it. */
interface ServedRequest {
  /** `https://HOST/path` */
  readonly url: string
  readonly headers: IncomingMessage["headers"]
  readonly body: string
}

/** A gateway in front of a service on loopback. */
export interface GatewayUnderTest extends Gateway {
  readonly served: ServedRequest[]
  /** Sends a request with the local key. An object is sent as JSON. */
  ask(path: string, body?: unknown, init?: RequestInit): Promise<Response>
}

/** Answers a request of the gateway. The body was read. */
export type Service = (request: IncomingMessage, response: ServerResponse, body: string) => void | Promise<void>

export const answersJson =
  (document: unknown, status = 200, headers: Record<string, string> = {}): Service =>
  (_, response) => {
    response.writeHead(status, { "content-type": "application/json", ...headers })
    response.end(JSON.stringify(document))
  }

/** Starts a gateway with a real fetch, whose requests to Qwen's hosts reach `service`. Both end with the test. */
export async function gatewayUnderTest(
  service: Service = answersJson({ id: "1" }),
  options: Partial<GatewayOptions> & { stored?: Credential } = {},
): Promise<GatewayUnderTest> {
  const served: ServedRequest[] = []
  const origin = await listening(async (request, response) => {
    const body = await text(request).catch(() => "")
    const [, host, path] = /^\/([^/]+)(.*)$/.exec(request.url ?? "") ?? []
    served.push({ url: `https://${host}${path}`, headers: request.headers, body })
    await service(request, response, body)
  })
  const { stored = TOKEN_PLAN_KEY } = options
  const platform = nodePlatform({ fetch: (url, init) => fetch(url.replace("https://", `${origin}/`), init) })
  const credential = async () => stored
  const qwenFetch = createQwenFetch({
    platform,
    userAgent: "qwen-auth/0 (test; x)",
    credentials: { getCredential: credential, refresh: credential, syncClock: () => {} },
  })
  const gateway = await startGateway({
    fetch: qwenFetch,
    credential,
    localKey: LOCAL_KEY,
    port: 0,
    now: () => Date.now(),
    ...options,
  })
  onTestFinished(() => gateway.close(0))
  return {
    ...gateway,
    served,
    ask: (path, body, init = {}) =>
      fetch(gateway.origin + path, {
        ...(body === undefined ? {} : { method: "POST", body: typeof body === "string" ? body : JSON.stringify(body) }),
        ...init,
        headers: { authorization: `Bearer ${LOCAL_KEY}`, ...init.headers },
      }),
  }
}

async function listening(listener: (...args: Parameters<RequestListener>) => Promise<void>): Promise<string> {
  const server = createServer((request, response) => void listener(request, response))
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return `http://127.0.0.1:${port}`
}
