import { type Conversation, conversation } from "./conversation.ts"
import { type OpenCodeServer, withOpenCodeServer } from "./opencode-server.ts"
import { startSession } from "./opencode-session.ts"
import type { ThrowawayHome } from "./throwaway-home.ts"

/**
 * An OpenCode that runs for many tests, because its start takes ten times as long as a question. Each question begins a session of
 * its own.
 */
export interface RunningOpenCode extends Conversation {
  readonly home: ThrowawayHome
  readonly server: OpenCodeServer
}

/** Runs a task with OpenCode in a home, both of which end with it. */
export async function withRunningOpenCode(
  binary: string,
  home: ThrowawayHome,
  task: (opencode: RunningOpenCode) => Promise<void>,
): Promise<void> {
  try {
    await withOpenCodeServer(binary, home, async (server) => {
      // With it OpenCode makes its database: two programs that do so in one home at the same time fail.
      await startSession(server)
      const ask: Conversation["ask"] = async (text, model) => (await startSession(server)).ask(text, model)
      await task({ ...conversation(server, ask), home, server })
    })
  } finally {
    await home.remove()
  }
}
