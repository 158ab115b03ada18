import { PROVIDER_ID } from "../../shared/sign-in-texts.ts"
import type { Directory } from "../directory.ts"
import type { ConnectionInfo, HostContext } from "../host-types.ts"
import { type ModelPlan, SIGNED_OUT } from "./model-plan.ts"

const CHANGES = new Set(["credential.updated", "credential.switched"])

/**
 * Keeps the list of models in step with the connection that OpenCode uses, until `ending` aborts. Never rejects.
 * @param change receives the models of the current connection
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
  let current: string | undefined
  const update = async () => {
    if (ending.aborted) return
    const identity = identityOf(await connections.active(PROVIDER_ID))
    // A refresh is also an event, and resolving a credential may refresh it, so an unchanged connection is not resolved.
    if (identity === current || ending.aborted) return
    const changeLater = (plan: ModelPlan) => {
      if (identity === current && !ending.aborted) change(plan)
    }
    const plan = identity === "" ? SIGNED_OUT : await (await directory()).models(changeLater)
    if (ending.aborted) return
    current = identity
    change(plan)
  }
  const updateSafely = () =>
    update().catch((error: unknown) => warn("The models of the sign-in could not be listed.", error))
  let updating = updateSafely()
  try {
    if (event === undefined) return warn("This version of OpenCode has no events.")
    for await (const { type } of event.subscribe({ signal: ending })) {
      if (CHANGES.has(type)) updating = updating.then(updateSafely)
    }
  } catch (error) {
    if (!ending.aborted) warn("OpenCode's events ended.", error)
  }
}

function identityOf(connection: ConnectionInfo | undefined): string {
  if (connection === undefined) return ""
  return connection.type === "env" ? `variable ${connection.name}` : `credential ${connection.id}`
}
