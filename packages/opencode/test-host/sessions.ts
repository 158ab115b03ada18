import type { Message, Part } from "./chat-body.ts"
import type { Failure } from "./classify-failure.ts"
import type { HostState } from "./host-state.ts"
import type { LocationDomains } from "./location.ts"
import { type ModelChoice, type RequestInput, type RequestOutcome, requestWithRetries } from "./request.ts"

/** How often a turn may call tools before it ends. */
const MOST_STEPS = 20
const SYSTEM = ["You are OpenCode, an agent for code.", "Working directory: /project"]

/** A tool of a turn. */
interface HostTool {
  readonly name: string
  readonly description?: string
  readonly inputSchema?: Record<string, unknown>
  readonly run: (input: string) => string | Promise<string>
}

/** What a person gives with a prompt. */
interface PromptOptions {
  /** `provider/model`, `provider/model#variant`, or the same as an object. */
  readonly model: string | ModelChoice
  readonly tools?: readonly HostTool[]
  /** URLs, `data:` included. */
  readonly images?: readonly string[]
  readonly options?: Readonly<Record<string, unknown>>
  /** Which directory, when several are open. */
  readonly directory?: string
  readonly signal?: AbortSignal
  /** Also asks for a title, at the same time. */
  readonly title?: boolean
}

/** What a person sees of a turn. */
interface TurnResult {
  readonly text: string
  readonly reasoning: string
  readonly finishReason: string | undefined
  /** The tools that ran, by their own names. */
  readonly toolRuns: readonly string[]
  /** How often the conversation was compacted. */
  readonly compactions: number
  readonly error: Failure | undefined
  readonly title: TurnResult | undefined
}

interface Session {
  readonly id: string
  readonly domains: LocationDomains
  messages: Message[]
}

/** The sessions of a process. */
export interface Sessions {
  prompt(sessionID: string, text: string, options: PromptOptions): Promise<TurnResult>
  title(sessionID: string, text: string, options: PromptOptions): Promise<TurnResult>
  compact(sessionID: string, options: PromptOptions): Promise<TurnResult>
  /** A request of kind `generate`: with a session's hooks, or with those of `generate` alone. */
  generate(text: string, options: PromptOptions & { readonly sessionID?: string }): Promise<TurnResult>
}

/** @param locate finds an open directory and waits until its plugins are set up */
export function hostSessions(
  state: HostState,
  locate: (directory: string | undefined) => Promise<LocationDomains>,
): Sessions {
  const sessions = new Map<string, Session>()

  async function sessionOf(id: string, directory: string | undefined): Promise<Session> {
    const domains = await locate(directory ?? sessions.get(id)?.domains.directory)
    const session = { id, domains, messages: sessions.get(id)?.messages ?? [] }
    sessions.set(id, session)
    return session
  }

  function request(session: Session, kind: RequestInput["kind"], options: PromptOptions, messages: readonly Message[]) {
    const tools = kind === "primary" ? (options.tools ?? []) : []
    return requestWithRetries(state, {
      domains: session.domains,
      hooks: session.domains.sessionHooks,
      sessionID: session.id,
      kind,
      model: modelChoice(options.model),
      system: SYSTEM,
      messages,
      tools: tools.map(({ name, description = name, inputSchema = { type: "object" } }) => ({
        name,
        description,
        inputSchema,
      })),
      options: options.options ?? {},
      signal: options.signal,
    })
  }

  async function compacted(session: Session, options: PromptOptions): Promise<TurnResult> {
    const ask: Message = { role: "user", content: [{ type: "text", text: "Summarize the conversation." }] }
    const outcome = await request(session, "compaction", options, [...session.messages, ask])
    if ("answer" in outcome) {
      session.messages = [{ role: "user", content: [{ type: "text", text: `Summary: ${outcome.answer.text}` }] }]
    }
    return resultOf(outcome)
  }

  async function runTurn(session: Session, options: PromptOptions): Promise<TurnResult> {
    const toolRuns: string[] = []
    let compactions = 0
    for (let step = 1; ; step++) {
      const outcome = await request(session, "primary", options, session.messages)
      if ("failure" in outcome && outcome.failure.type === "overflow" && compactions === 0) {
        const last = session.messages.at(-1)
        session.messages = session.messages.slice(0, -1)
        compactions++
        const summary = await compacted(session, options)
        if (last !== undefined) session.messages.push(last)
        if (summary.error !== undefined) return { ...summary, compactions }
        continue
      }
      const { toolRuns: none, ...result } = resultOf(outcome)
      if ("failure" in outcome) return { ...result, toolRuns: [...none, ...toolRuns], compactions }
      session.messages.push(assistantMessage(outcome))
      const calls = outcome.answer.toolCalls
      if (calls.length === 0 || step === MOST_STEPS) return { ...result, toolRuns, compactions }
      session.messages.push(await runTools(outcome, options.tools ?? [], toolRuns))
    }
  }

  async function titled(id: string, text: string, options: PromptOptions): Promise<TurnResult> {
    const session = await sessionOf(id, options.directory)
    const ask: Message = { role: "user", content: [{ type: "text", text: `Generate a title: ${text}` }] }
    return resultOf(await request(session, "title", options, [ask]))
  }

  return {
    title: titled,
    async prompt(id, text, options) {
      const session = await sessionOf(id, options.directory)
      const title = options.title === true ? titled(id, text, options) : undefined
      const images = (options.images ?? []).map((url): Part => ({ type: "image", url }))
      session.messages.push({ role: "user", content: [{ type: "text", text }, ...images] })
      const [result, named] = await Promise.all([runTurn(session, options), title])
      return { ...result, title: named }
    },
    async compact(id, options) {
      return compacted(await sessionOf(id, options.directory), options)
    },
    async generate(text, { sessionID, ...options }) {
      const messages: Message[] = [{ role: "user", content: [{ type: "text", text }] }]
      if (sessionID !== undefined) {
        return resultOf(await request(await sessionOf(sessionID, options.directory), "generate", options, messages))
      }
      const domains = await locate(options.directory)
      const { model, signal } = options
      const input = { domains, hooks: domains.generateHooks, sessionID: "", kind: "generate" as const, signal }
      const choice = modelChoice(model)
      return resultOf(
        await requestWithRetries(state, { ...input, model: choice, system: [], messages, tools: [], options: {} }),
      )
    },
  }
}

function resultOf(outcome: RequestOutcome): TurnResult {
  const rest = { toolRuns: [], compactions: 0, title: undefined }
  if ("failure" in outcome) {
    return { ...rest, text: outcome.text, reasoning: "", finishReason: undefined, error: outcome.failure }
  }
  const { text, reasoning, finishReason } = outcome.answer
  return { ...rest, text, reasoning, finishReason, error: undefined }
}

function assistantMessage({ answer, toolNames }: Extract<RequestOutcome, { answer: unknown }>): Message {
  const text: Part[] = answer.text === "" ? [] : [{ type: "text", text: answer.text }]
  const calls = answer.toolCalls.map(
    ({ id, name, input }): Part => ({ type: "tool-call", id, name: toolNames.get(name) ?? name, input }),
  )
  return { role: "assistant", content: [...text, ...calls] }
}

async function runTools(
  { answer, toolNames }: Extract<RequestOutcome, { answer: unknown }>,
  tools: readonly HostTool[],
  toolRuns: string[],
): Promise<Message> {
  const content: Part[] = []
  for (const { id, name, input } of answer.toolCalls) {
    const own = toolNames.get(name) ?? name
    const tool = tools.find((one) => one.name === own)
    const output = tool === undefined ? `There is no tool ${own}.` : await tool.run(input)
    if (tool !== undefined) toolRuns.push(own)
    content.push({ type: "tool-result", id, name: own, output })
  }
  return { role: "tool", content }
}

function modelChoice(model: string | ModelChoice): ModelChoice {
  if (typeof model !== "string") return model
  const [, providerID = "", id = "", variant] = /^([^/]+)\/([^#]+)(?:#(.+))?$/.exec(model) ?? []
  return { providerID, id, ...(variant === undefined ? {} : { variant }) }
}
