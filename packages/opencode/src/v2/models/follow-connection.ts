import { PROVIDER_ID } from "../../shared/sign-in-texts.ts"
import type { Directory } from "../directory.ts"
import type { ConnectionInfo, HostContext } from "../host-types.ts"
import { type ModelPlan, SIGNED_OUT } from "./model-plan.ts"

const CHANGES = new Set(["credential.updated", "credential.switched"])

/**
 * Keeps the list of models in step with the connection that OpenCode uses, until `ending` aborts. Never rejects.
 * @param change takes the models of the current connection
 */
export async function followConnection(
  { integration, event }: HostContext,
  directory: () => Promise<Directory>,
  change: (plan: ModelPlan) => void,
  warn: (message: string, error?: unknown) => void,
  ending: AbortSignal,
): Promise<void> {
  const connections = integration?.connection
  if (connections === undefined) return warn("This version of OpenCode has no connections.")
  let seen: string | undefined
  const look = async () => {
    if (ending.aborted) return
    const identity = identityOf(await connections.active(PROVIDER_ID))
    // A refresh is an event too, and resolving a credential may refresh it: only another connection is looked at.
    if (identity === seen || ending.aborted) return
    const current = (plan: ModelPlan) => {
      if (identity === seen && !ending.aborted) change(plan)
    }
    const plan = identity === "" ? SIGNED_OUT : await (await directory()).models(current)
    if (ending.aborted) return
    seen = identity
    change(plan)
  }
  const lookSafely = () =>
    look().catch((error: unknown) => warn("The models of the sign-in could not be listed.", error))
  let looking = lookSafely()
  try {
    if (event === undefined) return warn("This version of OpenCode has no events.")
    for await (const { type } of event.subscribe({ signal: ending })) {
      if (CHANGES.has(type)) looking = looking.then(lookSafely)
    }
  } catch (error) {
    if (!ending.aborted) warn("OpenCode's events ended.", error)
  }
}

function identityOf(connection: ConnectionInfo | undefined): string {
  if (connection === undefined) return ""
  return connection.type === "env" ? `variable ${connection.name}` : `credential ${connection.id}`
}
