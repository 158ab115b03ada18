import { type BodyTool, chatBody, type Message } from "./chat-body.ts"
import { type ChatAnswer, readChatStream } from "./chat-stream.ts"
import { classifyFailure, type Failure, failureWithoutResponse } from "./classify-failure.ts"
import { sendThroughHooks, TransportError } from "./exchange.ts"
import type { Hooks } from "./hooks.ts"
import type { HostState } from "./host-state.ts"
import type { LocationDomains } from "./location.ts"
import { type ResolvedModel, resolveModel } from "./resolve-model.ts"
import { errorMessage } from "./violations.ts"

/** How often a failed request is tried again. */
const MOST_RETRIES = 4

type Kind = "primary" | "compaction" | "title" | "generate"

/** A model, as a person chooses it. */
export interface ModelChoice {
  readonly providerID: string
  readonly id: string
  readonly variant?: string
}

/** One request of a session, or outside sessions. */
export interface RequestInput {
  readonly domains: LocationDomains
  readonly hooks: Hooks
  readonly sessionID: string
  readonly kind: Kind
  readonly model: ModelChoice
  readonly system: readonly string[]
  readonly messages: readonly Message[]
  readonly tools: readonly BodyTool[]
  readonly options: Readonly<Record<string, unknown>>
  /** An interruption by the person. */
  readonly signal: AbortSignal | undefined
}

/** How a request ended. `toolNames` gives the original name of each tool that a hook has renamed. */
export type RequestOutcome =
  | { readonly answer: ChatAnswer; readonly toolNames: ReadonlyMap<string, string> }
  | { readonly failure: Failure; readonly text: string }

const INTERRUPTED: RequestOutcome = { failure: failureWithoutResponse("interrupted", "Interrupted"), text: "" }

/** Sends a request, with the hooks and the retries of section 8. */
export async function requestWithRetries(state: HostState, input: RequestInput): Promise<RequestOutcome> {
  const prompt = await editedPrompt(state, input).catch((error: unknown) => defect(error))
  if ("failure" in prompt) return prompt
  for (let attempt = 1; ; attempt++) {
    const outcome = await attemptOnce(state, input, prompt)
    if ("answer" in outcome) return outcome
    const { failure, text } = outcome
    const again = failure.retryable && attempt <= MOST_RETRIES && text === ""
    const delayMs = Math.max(1000 * 2 ** attempt, failure.retryAfterMs ?? 0)
    const decided = await decide(input, failure, attempt, again ? { retry: true, delayMs } : { retry: false, delayMs })
    if ("failure" in decided) return decided
    if (!decided.retry) return outcome
    await state.clock.pause(decided.delayMs, input.signal)
    if (input.signal?.aborted === true) return INTERRUPTED
  }
}

interface Prompt {
  readonly system: { type: "text"; text: string }[]
  readonly messages: Message[]
  readonly options: Record<string, unknown>
  readonly tools: readonly BodyTool[]
  readonly toolNames: ReadonlyMap<string, string>
}

function eventMembers({ sessionID, kind, model }: RequestInput) {
  return { sessionID, agent: "build", kind, model: Object.freeze({ ...model }) }
}

/** Calls the hook of the request's kind, which edits in place. @throws what a callback throws */
async function editedPrompt(state: HostState, input: RequestInput): Promise<Prompt> {
  const { hooks, kind, model, tools } = input
  const system = input.system.map((text) => ({ type: "text" as const, text }))
  const messages = structuredClone([...input.messages])
  const options = structuredClone({ ...input.options })
  const given = tools.map(({ name, ...tool }) => ({ name, tool: structuredClone(tool) }))
  const asRecord = state.behaviour.hookTools === "record"
  const record = Object.fromEntries(given.map(({ name, tool }) => [name, tool]))
  const list = asRecord ? [] : given.map(({ name, tool }) => Object.assign(tool, { name }))
  const { agent, ...members } = eventMembers(input)
  const event = { ...members, system, messages, options }
  const withTools = { ...event, agent, tools: asRecord ? record : list }
  await hooks.call(kind === "primary" ? "context" : kind, model.providerID, kind === "title" ? event : withTools)

  const toolNames = new Map<string, string>()
  const left: BodyTool[] = []
  const entries: [string, object][] = asRecord ? Object.entries(record) : list.map((tool) => [tool.name, tool])
  for (const [name, tool] of entries) {
    const original = given.find((one) => one.tool === tool)
    if (original === undefined) {
      state.violations.note(`${kind}: the tool ${name} is invented`)
      continue
    }
    toolNames.set(name, original.name)
    const { description, inputSchema } = original.tool
    left.push({ name, description, inputSchema })
  }
  return { system, messages, options, tools: left, toolNames }
}

async function attemptOnce(state: HostState, input: RequestInput, prompt: Prompt): Promise<RequestOutcome> {
  const { signal } = input
  try {
    const resolved = await resolvedFor(state, input)
    const response = await send(state, input, prompt, resolved)
    if (response.status >= 400) {
      const failure = classifyFailure(response.status, response.headers, await response.text(), state.clock.now())
      return { failure, text: "" }
    }
    if (response.bodyUsed) throw new Error("Body is unusable: Body has already been read")
    const answer = await readChatStream(response, signal)
    const came = answer.text + answer.reasoning + answer.toolCalls.map(({ name }) => name).join("")
    if (answer.error !== undefined) {
      const body = JSON.stringify({ error: { message: answer.error } })
      return { failure: classifyFailure(200, response.headers, body, state.clock.now()), text: came }
    }
    if (answer.finishReason === undefined) {
      const failure = failureWithoutResponse("broken-off", "The provider's stream ended without a finish reason.")
      return { failure, text: came }
    }
    return { answer, toolNames: prompt.toolNames }
  } catch (error) {
    if (signal?.aborted === true) return INTERRUPTED
    if (error instanceof TransportError) {
      return { failure: failureWithoutResponse("transport", error.message), text: "" }
    }
    return defect(error)
  }
}

/** What a callback throws is shown as it is and not retried. */
function defect(error: unknown): { failure: Failure; text: string } {
  return { failure: { type: "unknown", message: errorMessage(error), retryable: false }, text: "" }
}

/** Merges settings and credential, which is resolved for every request. @throws what `refresh` rejects with */
async function resolvedFor({ behaviour }: HostState, { domains, model }: RequestInput): Promise<ResolvedModel> {
  const found = domains
    .offered()
    .find(({ provider, model: { id, enabled } }) => provider.info.id === model.providerID && id === model.id && enabled)
  if (found === undefined) throw new Error(`The model ${model.providerID}/${model.id} is not available.`)
  const connection = domains.active(model.providerID)
  const credential = connection === undefined ? undefined : await domains.resolve(connection)
  return resolveModel(found.provider, found.model, model.variant, credential, behaviour)
}

async function send(state: HostState, input: RequestInput, prompt: Prompt, resolved: ResolvedModel): Promise<Response> {
  const { hooks, kind, model, sessionID, signal } = input
  const event = eventMembers(input)
  const made = { ...event, baseURL: resolved.baseURL, headers: { ...resolved.headers } }
  const { baseURL, headers: edited } = await hooks.call("model.request", model.providerID, made)
  const headers = new Headers(edited)
  headers.set("content-type", "application/json")
  headers.set("user-agent", `opencode/latest/${state.behaviour.version}/cli`)
  headers.set("x-opencode-session", sessionID)
  headers.set("x-session-id", sessionID)
  headers.delete("authorization")
  if (resolved.apiKey !== undefined) headers.set("authorization", `Bearer ${resolved.apiKey}`)
  return sendThroughHooks(state, {
    hooks,
    providerID: model.providerID,
    event,
    url: `${baseURL.replace(/\/+$/, "")}/chat/completions`,
    headers,
    body: chatBody({ resolved, kind, ...prompt }),
    signal,
  })
}

interface Decision {
  retry: boolean
  delayMs: number
}

async function decide(
  { hooks, model, ...input }: RequestInput,
  { type, message }: Failure,
  attempt: number,
  decision: Decision,
): Promise<Decision | { failure: Failure; text: string }> {
  try {
    const members = { ...eventMembers({ hooks, model, ...input }), error: { type, message }, attempt, decision }
    return (await hooks.call("retry", model.providerID, members)).decision
  } catch (error) {
    return defect(error)
  }
}
