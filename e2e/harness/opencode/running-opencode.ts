import { type Conversation, conversation } from "./conversation.ts"
import { type OpenCodeServer, withOpenCodeServer } from "./opencode-server.ts"
import { startSession } from "./opencode-session.ts"
import type { ThrowawayHome } from "./throwaway-home.ts"

/**
 * An OpenCode that runs for many tests, because its start takes ten times as long as a question. Each question starts its own session.
 */
export interface RunningOpenCode extends Conversation {
  readonly home: ThrowawayHome
  readonly server: OpenCodeServer
}

/** Runs a task with OpenCode in a home. Afterwards, OpenCode is stopped and the home removed. */
export async function withRunningOpenCode(
  home: ThrowawayHome,
  task: (opencode: RunningOpenCode) => Promise<void>,
): Promise<void> {
  try {
    await withOpenCodeServer(home, async (server) => {
      // The first session creates OpenCode's database. Creating it from two processes at once fails.
      await startSession(server)
      const ask: Conversation["ask"] = async (text, model) => (await startSession(server)).ask(text, model)
      await task({ ...conversation(server, ask), home, server })
    })
  } finally {
    await home.remove()
  }
}
