import * as v from "valibot"
import { AnswerSchema } from "./credential-schema.ts"
import { addCredential, numberedLabel, parseOAuth } from "./credentials.ts"
import { checkAnswer } from "./form.ts"
import type { HostState } from "./host-state.ts"
import type { Integration, Method } from "./integration-editor.ts"
import type { AttemptInfo, AttemptStatus, Key, OAuth } from "./types.ts"
import { type Callable, CallableSchema, errorMessage } from "./violations.ts"

/** How long an attempt lives unless its method says otherwise, ms. */
const LIFETIME_MS = 600_000

/** What an HTTP client of the host gets. */
export class HostHttpError extends Error {
  override readonly name = "HostHttpError"
  readonly status: number
  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

const ConnectInput = v.strictObject({
  integrationID: v.string(),
  methodID: v.string(),
  answer: v.optional(AnswerSchema),
  label: v.optional(v.string()),
})
const KeyInput = v.strictObject({
  integrationID: v.string(),
  key: v.string(),
  answer: v.optional(AnswerSchema),
  label: v.optional(v.string()),
})
const AttemptInput = v.strictObject({ integrationID: v.string(), attemptID: v.string(), code: v.optional(v.string()) })

const COMMON = {
  url: v.string(),
  instructions: v.string(),
  expiresAt: v.optional(v.number()),
  device: v.optional(v.boolean()),
}
const AuthorizationSchema = v.variant("mode", [
  v.object({ ...COMMON, mode: v.literal("auto"), callback: v.instance(Promise<unknown>) }),
  v.object({ ...COMMON, mode: v.literal("code"), callback: CallableSchema }),
])

interface Attempt {
  readonly integrationID: string
  readonly info: AttemptInfo
  /** Exchanges the code of a `code` attempt. */
  readonly exchange: Callable | undefined
  readonly finish: (result: Promise<unknown>) => void
  readonly done: Promise<void>
  status: AttemptStatus
}

interface AttemptParts {
  readonly state: HostState
  /** @throws HostHttpError when there is no such integration */
  readonly integration: (id: string) => Integration
  /** Calls a function of the plugin. */
  readonly run: <T>(task: () => T) => T
}

/** The sign-ins of one directory. Inputs and answers are plain JSON. */
export interface Attempts {
  connectOAuth(input: unknown): Promise<AttemptInfo>
  connectCommand(input: unknown): Promise<AttemptInfo>
  connectKey(input: unknown): Promise<void>
  status(input: unknown): AttemptStatus
  complete(input: unknown): Promise<AttemptStatus>
  cancel(input: unknown): AttemptStatus
  /** Resolves when the attempt is no longer pending because of its method. Its expiry is not waited for. */
  done(attemptID: string): Promise<void>
}

export function signInAttempts({ state, integration, run }: AttemptParts): Attempts {
  const { clock, behaviour } = state
  const attempts = new Map<string, Attempt>()

  function methodOf(input: v.InferOutput<typeof ConnectInput>, type: "oauth" | "command"): Method {
    const found = integration(input.integrationID).methods.find(
      ({ data }) => data.type === type && data.id === input.methodID,
    )
    if (found === undefined) throw new HostHttpError(404, `There is no method ${input.methodID}.`)
    return found
  }

  function start(
    integrationID: string,
    fields: Omit<AttemptInfo, "attemptID" | "expiresAt"> & { expiresAt?: number | undefined },
    exchange: Callable | undefined,
    store: (value: unknown) => void,
  ): Attempt {
    const attemptID = state.newId("attempt")
    const info = { ...fields, attemptID, expiresAt: fields.expiresAt ?? clock.now() + LIFETIME_MS }
    let settle = () => {}
    const done = new Promise<void>((resolve) => (settle = resolve))
    const end = (status: AttemptStatus) => {
      // Nothing tells the plugin of an expiry or a cancellation, so its result may come too late.
      if (current(attempt).status === "pending") attempt.status = status
      settle()
    }
    const finish = (result: Promise<unknown>) =>
      void result.then(
        (value) => {
          try {
            if (current(attempt).status === "pending") store(value)
            end({ status: "complete" })
          } catch (error) {
            end({ status: "failed", message: errorMessage(error) })
          }
        },
        (error: unknown) => end({ status: "failed", message: errorMessage(error) }),
      )
    const attempt: Attempt = { integrationID, info, exchange, finish, done, status: { status: "pending" } }
    attempts.set(attemptID, attempt)
    return attempt
  }

  function current(attempt: Attempt): AttemptStatus {
    if (attempt.status.status === "pending" && clock.now() >= attempt.info.expiresAt) {
      attempt.status = { status: "expired", message: "The sign-in has expired." }
    }
    return attempt.status
  }

  function find(input: unknown): Attempt {
    const { integrationID, attemptID } = parseInput(AttemptInput, input)
    const found = attempts.get(attemptID)
    if (found === undefined || found.integrationID !== integrationID)
      throw new HostHttpError(404, `There is no attempt ${attemptID}.`)
    return found
  }

  function labelFor(at: Integration, method: Method, value: OAuth, given: string | undefined): string {
    if (given !== undefined) return given
    const { label } = method
    const text = label === undefined ? undefined : run(() => label(structuredClone(value)))
    if (text !== undefined && typeof text !== "string") throw new Error("Schema validation failed")
    return text ?? numberedLabel(state, at)
  }

  async function authorize(method: Method, answer: unknown) {
    try {
      return await run(async () => method.authorize?.(answer))
    } catch {
      // The adapter turns the error into a defect, and its message is lost.
      throw new HostHttpError(500, behaviour.authorizeRejection === "empty" ? "" : "Internal server error")
    }
  }

  return {
    async connectOAuth(given) {
      const input = parseInput(ConnectInput, given)
      const method = methodOf(input, "oauth")
      const at = integration(input.integrationID)
      const answer = checkedAnswer(method, input.answer, state)
      const authorization = state.violations.parse(AuthorizationSchema, await authorize(method, answer), "authorize")
      const { url, instructions, expiresAt, mode } = authorization
      const device = behaviour.deviceQr && authorization.device === true ? { device: true } : {}
      const fields = { url, instructions, mode, ...(expiresAt === undefined ? {} : { expiresAt }), ...device }
      const store = (value: unknown) => {
        const credential = parseOAuth(value, state)
        addCredential(state, at.id, labelFor(at, method, credential, input.label), credential)
      }
      const exchange = authorization.mode === "code" ? authorization.callback : undefined
      const attempt = start(at.id, fields, exchange, store)
      if (authorization.mode === "auto") {
        if (behaviour.callbackHandler === "next-turn") await new Promise((resolve) => setImmediate(resolve))
        attempt.finish(authorization.callback)
      }
      return attempt.info
    },
    async connectCommand(given) {
      const input = parseInput(ConnectInput, given)
      const { data } = methodOf(input, "command")
      if (data.type !== "command") throw new HostHttpError(404, "This is no command.")
      const at = integration(input.integrationID)
      const attempt = start(at.id, { url: "", instructions: data.label, mode: "auto" }, undefined, (value) => {
        const key = v.parse(v.object({ stdout: v.string() }), value).stdout.trim()
        if (key === "") throw new Error("The command printed no key.")
        addCredential(state, at.id, input.label ?? numberedLabel(state, at), { type: "key", key })
      })
      attempt.finish(
        state.runCommand(data.command).then((result) => {
          if (result.stderr !== "") state.printed.push(result.stderr)
          return result
        }),
      )
      return attempt.info
    },
    async connectKey(given) {
      const input = parseInput(KeyInput, given)
      const at = integration(input.integrationID)
      const method = at.methods.find(({ data }) => data.type === "key")
      if (method === undefined) throw new HostHttpError(404, "This integration takes no key.")
      const answer = checkedAnswer(method, input.answer, state)
      const value: Key = { type: "key", key: input.key, ...(answer === undefined ? {} : { configuration: answer }) }
      addCredential(state, at.id, input.label ?? numberedLabel(state, at), value)
    },
    status: (input) => current(find(input)),
    async complete(input) {
      const attempt = find(input)
      const { code } = parseInput(AttemptInput, input)
      const { exchange } = attempt
      if (exchange === undefined || code === undefined) throw new HostHttpError(400, "This sign-in takes no code.")
      if (current(attempt).status === "pending") {
        attempt.finish(run(async () => exchange(code)))
        await attempt.done
      }
      return current(attempt)
    },
    cancel(input) {
      const attempt = find(input)
      if (current(attempt).status === "pending") attempt.status = { status: "cancelled" }
      return attempt.status
    },
    done: (attemptID) => attempts.get(attemptID)?.done ?? Promise.resolve(),
  }
}

function parseInput<T extends v.GenericSchema>(schema: T, input: unknown): v.InferOutput<T> {
  const parsed = v.safeParse(schema, input)
  if (!parsed.success) throw new HostHttpError(400, "Schema validation failed")
  return parsed.output
}

function checkedAnswer({ data }: Method, answer: unknown, { behaviour }: HostState) {
  const given = answer === undefined ? {} : v.parse(AnswerSchema, answer)
  const form = "form" in data ? data.form : undefined
  if (form === undefined && Object.keys(given).length > 0) throw new HostHttpError(400, "The method has no form.")
  if (form === undefined) return data.type === "oauth" ? {} : undefined
  try {
    return checkAnswer(form, given, behaviour)
  } catch (error) {
    throw new HostHttpError(error instanceof TypeError ? 500 : 400, errorMessage(error))
  }
}
