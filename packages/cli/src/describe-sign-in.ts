import { endpointLabel } from "qwen-auth-core"
import { planOf } from "qwen-auth-core/internal"
import { userMessage } from "./messages.ts"
import type { ActiveSignIn, StoredSignIn } from "./stored-sign-in.ts"

/** A sign-in as `--json` prints it. It contains no secret. */
export interface SignInReport {
  readonly signedIn: boolean
  readonly kind?: "account" | "key"
  /** `Qwen account`, or the plan and region of the key. */
  readonly label?: string | undefined
  /** Where it is: the file or folder, or the variable of the environment. */
  readonly source?: string | undefined
  readonly plan?: string | undefined
  readonly region?: string | undefined
  readonly baseUrl?: string | undefined
  /** When the access token expires. It is then refreshed. */
  readonly expiresAt?: string | undefined
  /** Why what is stored cannot be used. */
  readonly problem?: string | undefined
}

/** Describes the sign-in that requests use. */
export function describeSignIn({ settings }: Pick<StoredSignIn, "settings">, active: ActiveSignIn): SignInReport {
  switch (active.kind) {
    case "account": {
      const source = active.store === "own" ? settings.tokenFile : settings.qwenCodeFolder
      const expiresAt = new Date(active.credential.expiresAt).toISOString()
      return { signedIn: true, kind: "account", label: "Qwen account", source, expiresAt }
    }
    case "key": {
      const { plan, region, baseUrl } = active.credential
      const label = endpointLabel(active.credential)
      return { signedIn: true, kind: "key", label, source: settings.tokenFile, plan, region, baseUrl }
    }
    case "environment-key": {
      const { plan, variable } = active.key
      const label = plan === undefined ? "plan not known yet" : planOf(plan).name
      return { signedIn: true, kind: "key", label, source: variable, plan }
    }
    case "none":
      return { signedIn: false, problem: active.problem && userMessage(active.problem) }
  }
}
