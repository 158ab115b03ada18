import * as v from "valibot"
import { PROVIDER_ID, SIGN_IN } from "../words.ts"

/** OpenCode 1.18 hands hooks the provider itself, unlike its types say (observed). */
const Provider = v.object({
  id: v.literal(PROVIDER_ID),
  env: v.fallback(v.array(v.string()), []),
  options: v.fallback(v.record(v.string(), v.unknown()), {}),
})

/**
 * Stops a request that has no credential of any kind: nothing in OpenCode's record, no key in the environment, nothing in the
 * user's configuration of the provider. Without this it would go out and come back as an error about API keys.
 * @param otherwise what a user without a credential reads
 * @throws Error with those words
 */
export function requireCredential(
  provider: unknown,
  environment: Readonly<Record<string, string | undefined>>,
  otherwise = SIGN_IN,
): void {
  const parsed = v.safeParse(Provider, provider)
  if (!parsed.success) return
  const { env, options } = parsed.output
  const configured = Object.keys(options).length > 0 || env.some((name) => environment[name])
  if (!configured) throw new Error(otherwise)
}
