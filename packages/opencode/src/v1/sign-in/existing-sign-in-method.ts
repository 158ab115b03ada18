import { type ExistingSignIn, existingSignIns } from "qwen-auth-local/existing-sign-ins"
import type { MethodOptions, SignInMethod } from "./method.ts"

/** The sign-ins listed so far, in the order of their first listing, by the paths of their files. */
const listedSoFar = new Map<string, Map<string, ExistingSignIn>>()

/**
 * Returns the methods that use a sign-in already on this computer: the plugin's own after a sign-out, Qwen Code's, and
 * API keys of other programs. Qwen Code's is shared, not copied: with a copy, one of the two programs would lose the
 * sign-in at the next refresh. A key is copied.
 *
 * OpenCode identifies the chosen method by its index, lists the methods again to find it, and may reload the plugin in
 * between. So a method keeps its index while this process runs: new methods are added at the end, and a method whose
 * sign-in was removed stays and reports that when it is chosen.
 */
export function existingSignInMethods({ paths, credentials, signIns }: MethodOptions): SignInMethod[] {
  const { tokenFile, qwenCodeFolder, openCodeAuthFile, bailianConfigFile, qwenCloudConfigFile } = paths
  const files = JSON.stringify([tokenFile, qwenCodeFolder, openCodeAuthFile, bailianConfigFile, qwenCloudConfigFile])
  const listed = listedSoFar.get(files) ?? new Map<string, ExistingSignIn>()
  listedSoFar.set(files, listed)
  // For accounts, the plugin option takes precedence over the stored choice, even if it is invalid.
  const offered = ({ kind, id }: ExistingSignIn) => kind === "key" || credentials === undefined || credentials === id
  for (const found of existingSignIns(paths)) {
    if (offered(found) && !listed.has(found.id)) listed.set(found.id, found)
  }
  return [...listed.values()].map((found) => ({
    type: "oauth",
    label: found.label,
    authorize: async () => (await signIns()).existing(found),
  }))
}
