import { readFile, writeFile } from "node:fs/promises"
import { authorizationServer, credentialFile, nodePlatform, type OAuthCredential } from "qwen-auth-core"
import { CredentialManager, startDeviceSignIn } from "qwen-auth-core/internal"
import * as v from "valibot"
import type { Simulator } from "./simulator-process.ts"

const LONGEST_POLL_WAIT_MS = 5_000

const Token = v.pipe(v.string(), v.regex(/^[\w-]{43}$/))

/** The complete file of a sign-in to the simulator. Anything else is a lost or truncated credential. */
const StoredSignIn = v.pipe(
  v.string(),
  v.parseJson(),
  v.strictObject({
    access_token: Token,
    refresh_token: Token,
    token_type: v.literal("Bearer"),
    resource_url: v.pipe(v.string(), v.url()),
    expiry_date: v.pipe(v.number(), v.integer(), v.minValue(0)),
    // Qwen Code does not write this field.
    expires_in: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1))),
    // The ids of the tokens that were refreshed into this one; nor this one.
    former_tokens: v.optional(v.pipe(v.string(), v.regex(/^[0-9a-f]{16}( [0-9a-f]{16})*$/))),
  }),
)
/** The content of the file of a sign-in to the simulator. */
export type StoredSignIn = v.InferOutput<typeof StoredSignIn>

/** Signs in to a simulator that approves at once. */
export async function newCredential({ origin }: Pick<Simulator, "origin">): Promise<OAuthCredential> {
  const platform = nodePlatform()
  // The simulator approves before the first poll, so the waits between polls are skipped. Longer timeouts are kept.
  const impatient = nodePlatform({ sleep: (ms, signal) => platform.sleep(ms > LONGEST_POLL_WAIT_MS ? ms : 0, signal) })
  return (await startDeviceSignIn({ platform: impatient, server: authorizationServer({ baseUrl: origin }) })).wait()
}

/** Signs in to a simulator that approves at once, and stores the credential in a file as the library does. */
export async function signInTo(simulator: Simulator, file: string): Promise<void> {
  const server = authorizationServer({ baseUrl: simulator.origin })
  const platform = nodePlatform()
  const store = credentialFile(file, { platform })
  await new CredentialManager({ platform, server, store }).setCredential(await newCredential(simulator))
}

/** Reads a stored sign-in. @throws when the file does not contain a complete one */
export async function readSignIn(file: string): Promise<StoredSignIn> {
  return v.parse(StoredSignIn, await readFile(file, "utf8"))
}

/** Sets the expiry of the stored access token to the past and returns the new content of the file. */
export async function expireOnDisk(file: string): Promise<StoredSignIn> {
  const expired = { ...(await readSignIn(file)), expiry_date: Date.now() - 1_000 }
  await writeFile(file, JSON.stringify(expired))
  return expired
}
