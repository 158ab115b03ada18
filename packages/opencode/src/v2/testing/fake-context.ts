import type {
  ConnectionInfo,
  ContextEvent,
  Hook,
  HostContext,
  HostModel,
  IntegrationEditor,
  MethodInput,
  ProviderEditor,
  RequestEvent,
  ResponseEvent,
} from "../host-types.ts"

type Callbacks = {
  "http.request"?: (event: RequestEvent) => Promise<void>
  "http.response"?: (event: ResponseEvent) => Promise<void>
  context?: (event: ContextEvent) => Promise<void>
}

/** A connection of the fake host with its credential. */
interface Connected {
  readonly info: ConnectionInfo
  readonly credential: unknown
}

/** A small OpenCode 2, which stores the plugin's registrations and sends requests as OpenCode does. */
export function fakeContext(members: Partial<HostContext> = {}) {
  const callbacks: Callbacks = {}
  let connected: Connected | undefined
  let foldIntegration: (editor: IntegrationEditor) => void = () => {}
  let foldProvider: (editor: ProviderEditor) => void = () => {}
  const waiting: ((type: string) => void)[] = []
  let reloads = 0
  const hook: Hook = async (name, callback) => {
    Object.assign(callbacks, { [name]: callback })
  }
  const context: HostContext = {
    app: { version: "2.3.0" },
    options: {},
    integration: {
      transform: async (callback) => {
        foldIntegration = callback
      },
      connection: {
        active: async () => connected?.info,
        resolve: async () => connected?.credential,
      },
    },
    provider: {
      transform: async (callback) => {
        foldProvider = callback
      },
      reload: async () => void reloads++,
    },
    session: { hook },
    event: {
      async *subscribe({ signal }) {
        while (!signal.aborted) {
          const type = await new Promise<string>((resolve) => {
            waiting.push(resolve)
            signal.addEventListener("abort", () => resolve("ended"), { once: true })
          })
          if (!signal.aborted) yield { type }
        }
      },
    },
    ...members,
  }
  return {
    context,
    callbacks,
    reloads: () => reloads,
    connect(info: ConnectionInfo | undefined, credential?: unknown) {
      connected = info === undefined ? undefined : { info, credential }
    },
    async emit(type: string) {
      for (const resolve of waiting.splice(0)) resolve(type)
      for (let round = 0; round < 20; round++) await new Promise((resolve) => setImmediate(resolve))
    },
    /** Replays the transform of the sign-in methods. */
    methods(): MethodInput[] {
      const methods: MethodInput[] = []
      foldIntegration({ method: { update: (method) => methods.push(method) } })
      return methods
    },
    /** Replays the transform of the models over a list of OpenCode's own. */
    models(ownIds: readonly string[] = []): Map<string, HostModel> {
      const models = new Map(ownIds.map((id) => [id, hostModel(id)]))
      foldProvider({
        models: {
          update(_, id, update) {
            const model = models.get(id) ?? hostModel(id)
            update(model)
            models.set(id, model)
          },
          remove: (_, id) => void models.delete(id),
        },
      })
      return models
    },
    /** Sends a request through the hooks and the given network, as OpenCode does. */
    async send(request: Request, network: (request: Request) => Promise<Response>): Promise<Response> {
      const requestEvent: RequestEvent = { request }
      await callbacks["http.request"]?.(requestEvent)
      const sent = requestEvent.request.clone()
      const response = sent.url.startsWith("data:") ? await fetch(sent) : await network(sent)
      const responseEvent: ResponseEvent = { request: requestEvent.request, response }
      await callbacks["http.response"]?.(responseEvent)
      return responseEvent.response
    },
  }
}

function hostModel(id: string): HostModel {
  return {
    modelID: id,
    name: id,
    capabilities: { tools: true, input: ["text", "image"], output: ["text"] },
    variants: [],
    cost: [],
    status: "active",
    enabled: true,
    limit: { context: 200_000, output: 32_000 },
  }
}
