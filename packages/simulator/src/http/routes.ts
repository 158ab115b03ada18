import { completionsEndpoint } from "../chat/completions-endpoint.ts"
import { modelsEndpoint } from "../chat/models-endpoint.ts"
import { consoleKeyEndpoint, consolePage } from "../console/console-page.ts"
import { lapseApiKeys, makeApiKey, revokeApiKeys } from "../control/api-key-endpoints.ts"
import { callFromConsole } from "../control/console-call-endpoint.ts"
import * as control from "../control/control-endpoints.ts"
import type { ConsoleHost, Host, PlanHost } from "../hosts/host.ts"
import { messagesEndpoint } from "../messages/messages-endpoint.ts"
import { deviceCodeEndpoint } from "../oauth/device-code-endpoint.ts"
import { tokenEndpoint } from "../oauth/token-endpoint.ts"
import { decideOnApprovalPage, showApprovalPage } from "../page/approval-page.ts"
import { planChatEndpoint } from "../plans/plan-chat-endpoint.ts"
import { planModelsEndpoint } from "../plans/plan-models-endpoint.ts"
import { responsesEndpoint } from "../responses/responses-endpoint.ts"
import type { EndpointName } from "../scenario/scenario.ts"
import type { Endpoint } from "../world.ts"
import { emptyReply } from "./reply.ts"
import type { SimulatorRequest } from "./request.ts"

/** The endpoints at a path. */
export interface Route {
  /** By HTTP method. */
  endpoints: Readonly<Record<string, Endpoint>>
  /** The maximum size of a request body, in bytes. */
  bodyLimit: number
  /** A control endpoint: not logged, and without scenario and firewall. */
  control: boolean
  /** Which scripted answers apply. */
  scripted(request: SimulatorRequest): EndpointName | undefined
}

const SMALL_BODY = 64 * 1024
/** Images travel inside the body. */
const LARGE_BODY = 32 * 1024 * 1024

/** Browsers request it with every page. */
const FAVICON: readonly [string, Route] = ["/favicon.ico", open({ GET: () => emptyReply(204) }, SMALL_BODY)]

/** The OAuth route: sign-in, approval page and chat API. */
const oauthRoutes: ReadonlyMap<string, Route> = new Map([
  ["/api/v1/oauth2/device/code", open({ POST: deviceCodeEndpoint }, SMALL_BODY, "deviceCode")],
  ["/api/v1/oauth2/token", { ...open({ POST: tokenEndpoint }, SMALL_BODY), scripted: byGrant }],
  ["/authorize", open({ GET: showApprovalPage, POST: decideOnApprovalPage }, SMALL_BODY)],
  ["/v1/chat/completions", open({ POST: completionsEndpoint }, LARGE_BODY, "chat")],
  ["/v1/models", open({ GET: modelsEndpoint }, SMALL_BODY, "models")],
  FAVICON,
])

const controlRoutes: ReadonlyMap<string, Route> = new Map([
  ["/_sim/approve", hidden({ POST: control.approve })],
  ["/_sim/deny", hidden({ POST: control.deny })],
  ["/_sim/expire", hidden({ POST: control.expire })],
  ["/_sim/scenario", hidden({ GET: control.showScenario, POST: control.changeScenario })],
  ["/_sim/log", hidden({ GET: control.showLog })],
  ["/_sim/expire-tokens", hidden({ POST: control.expireTokens })],
  ["/_sim/revoke-refresh-tokens", hidden({ POST: control.revokeRefreshTokens })],
  ["/_sim/api-key", hidden({ POST: makeApiKey })],
  ["/_sim/revoke-api-keys", hidden({ POST: revokeApiKeys })],
  ["/_sim/lapse-api-keys", hidden({ POST: lapseApiKeys })],
  ["/_sim/console-call", hidden({ POST: callFromConsole })],
  ["/_sim/reset", hidden({ POST: control.reset })],
])

/** The endpoints at a path of a host; `undefined` if there are none. */
export function routeTo(host: Host, path: string): Route | undefined {
  switch (host.kind) {
    case "loopback":
      return oauthRoutes.get(path) ?? controlRoutes.get(path)
    case "qwen":
      return oauthRoutes.get(path)
    case "plan":
      return planRoutes(host).get(path)
    case "console":
      return consoleRoutes(host).get(path)
    case "unknown":
      return undefined
  }
}

function planRoutes(host: PlanHost): ReadonlyMap<string, Route> {
  const { plan, basePath } = host
  const routes: [string, Route][] = [
    [`${basePath}/chat/completions`, open({ POST: planChatEndpoint(host) }, LARGE_BODY, "planChat")],
    [`${basePath}/models`, open({ GET: planModelsEndpoint(host) }, SMALL_BODY, "planModels")],
    ["/apps/anthropic/v1/messages", open({ POST: messagesEndpoint(host) }, LARGE_BODY, "planMessages")],
  ]
  if (plan !== "coding") {
    routes.push([`${basePath}/responses`, open({ POST: responsesEndpoint(host) }, LARGE_BODY, "planResponses")])
  }
  return new Map(routes)
}

function consoleRoutes(host: ConsoleHost): ReadonlyMap<string, Route> {
  return new Map([
    ["/console-login", open({ GET: consolePage(host) }, SMALL_BODY)],
    ["/console-login/key", open({ POST: consoleKeyEndpoint(host) }, SMALL_BODY)],
    FAVICON,
  ])
}

function open(endpoints: Route["endpoints"], bodyLimit: number, name?: EndpointName): Route {
  return { endpoints, bodyLimit, control: false, scripted: () => name }
}

function hidden(endpoints: Route["endpoints"]): Route {
  return { endpoints, bodyLimit: LARGE_BODY, control: true, scripted: () => undefined }
}

/** Polls and refreshes share a path but are scripted separately. */
function byGrant(request: SimulatorRequest): EndpointName {
  return new URLSearchParams(request.text).get("grant_type") === "refresh_token" ? "refresh" : "token"
}
