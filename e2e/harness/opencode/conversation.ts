import * as v from "valibot"
import { type OpenCodeServer, withOpenCodeServer } from "./opencode-server.ts"
import { type Session, startSession } from "./opencode-session.ts"
import type { ThrowawayHome } from "./throwaway-home.ts"
import { opencodeBinary } from "./with-opencode.ts"

/** The sign-in methods, as OpenCode numbers them. */
const METHODS = { account: 0, console: 1, key: 2 } as const
type Method = keyof typeof METHODS

/** A conversation in one running OpenCode, and the sign-ins of its desktop and web programs: much in a single start. */
export interface Conversation {
  readonly ask: Session["ask"]
  /** Begins a sign-in: what the person is shown, or undefined when it could not begin. */
  begin(method: Method, inputs?: Readonly<Record<string, string>>): Promise<Begun | undefined>
  /** Waits for the end of a sign-in that was begun; whether it succeeded. */
  finish(method: Method): Promise<boolean>
  /** OpenCode reads its record and loads the plugin anew, as its programs have it do after a sign-in. */
  reload(): Promise<void>
}

const Begun = v.object({ url: v.string(), instructions: v.string() })
type Begun = v.InferOutput<typeof Begun>

/**
 * Converses with the real OpenCode in this home.
 * @param program OpenCode, or what starts it
 */
export async function converse(
  home: ThrowawayHome,
  task: (conversation: Conversation) => Promise<void>,
  program: string = opencodeBinary,
): Promise<void> {
  await withOpenCodeServer(program, home, async (server) => {
    await task(conversation(server, (await startSession(server)).ask))
  })
}

/** The calls of OpenCode's programs to its server. */
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
