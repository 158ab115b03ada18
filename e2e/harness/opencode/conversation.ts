import * as v from "valibot"
import { type OpenCodeServer, withOpenCodeServer } from "./opencode-server.ts"
import { type Session, startSession } from "./opencode-session.ts"
import type { ThrowawayHome } from "./throwaway-home.ts"

/** OpenCode's numbers of the sign-in methods. */
const METHODS = { account: 0, console: 1, key: 2 } as const
type Method = keyof typeof METHODS

/** A conversation in a running OpenCode, and the sign-in calls of its desktop and web programs. */
export interface Conversation {
  readonly ask: Session["ask"]
  /** Starts a sign-in. Returns what the user is shown, or `undefined` when it failed to start. */
  begin(method: Method, inputs?: Readonly<Record<string, string>>): Promise<Begun | undefined>
  /** Waits for the end of a started sign-in and returns whether it succeeded. */
  finish(method: Method): Promise<boolean>
  /** Makes OpenCode read its record and load the plugin again, as its programs do after a sign-in. */
  reload(): Promise<void>
}

const Begun = v.object({ url: v.string(), instructions: v.string() })
type Begun = v.InferOutput<typeof Begun>

/**
 * Runs a task with a conversation in the real OpenCode.
 * @param program OpenCode, or a program that starts it
 */
export async function converse(
  home: ThrowawayHome,
  task: (conversation: Conversation) => Promise<void>,
  program?: string,
): Promise<void> {
  const converseWith = async (server: OpenCodeServer) => task(conversation(server, (await startSession(server)).ask))
  await withOpenCodeServer(home, converseWith, program)
}

/** Creates the calls that OpenCode's programs make to its server. */
export function conversation(server: OpenCodeServer, ask: Session["ask"]): Conversation {
  const oauth = (step: string, body: object) => server.post(`/provider/alibaba/oauth/${step}`, body)
  return {
    ask,
    async begin(method, inputs = {}) {
      const response = await oauth("authorize", { method: METHODS[method], inputs })
      return response.ok ? v.parse(Begun, await response.json()) : undefined
    },
    finish: async (method) => (await oauth("callback", { method: METHODS[method] })).ok,
    reload: async () => void (await server.post("/instance/dispose")),
  }
}
