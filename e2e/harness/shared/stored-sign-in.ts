import { readFile, writeFile } from "node:fs/promises"
import { authorizationServer, credentialFile, nodePlatform, type OAuthCredential } from "qwen-auth-core"
import { CredentialManager, startDeviceSignIn } from "qwen-auth-core/internal"
import * as v from "valibot"
import type { Simulator } from "./simulator-process.ts"

const LONGEST_POLL_WAIT_MS = 5_000

const Token = v.pipe(v.string(), v.regex(/^[\w-]{43}$/))

/** The file of a sign-in at the simulator, complete: anything else is a credential that was lost or cut. */
const StoredSignIn = v.pipe(
  v.string(),
  v.parseJson(),
  v.strictObject({
    access_token: Token,
    refresh_token: Token,
    token_type: v.literal("Bearer"),
    resource_url: v.pipe(v.string(), v.url()),
    expiry_date: v.pipe(v.number(), v.integer(), v.minValue(0)),
    // Qwen Code does not write it.
    expires_in: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1))),
  }),
)
/** What the file of a sign-in at the simulator holds. */
export type StoredSignIn = v.InferOutput<typeof StoredSignIn>

/** Signs in at a simulator that approves at once. */
export async function newCredential({ origin }: Pick<Simulator, "origin">): Promise<OAuthCredential> {
  const platform = nodePlatform()
  // The simulator has decided before the first poll, so nothing is gained by waiting for it; deadlines stay.
  const impatient = nodePlatform({ sleep: (ms, signal) => platform.sleep(ms > LONGEST_POLL_WAIT_MS ? ms : 0, signal) })
  return (await startDeviceSignIn({ platform: impatient, server: authorizationServer({ baseUrl: origin }) })).wait()
}

/** Signs in likewise, and stores that in a file as the library does. */
export async function signInTo(simulator: Simulator, file: string): Promise<void> {
  const server = authorizationServer({ baseUrl: simulator.origin })
  const platform = nodePlatform()
  const store = credentialFile(file, { platform })
  await new CredentialManager({ platform, server, store }).setCredential(await newCredential(simulator))
}

/** @throws when the file does not hold a complete sign-in */
export async function readSignIn(file: string): Promise<StoredSignIn> {
  return v.parse(StoredSignIn, await readFile(file, "utf8"))
}

/** Makes the stored access token look as if it had ended, and gives what is stored now. */
export async function expireOnDisk(file: string): Promise<StoredSignIn> {
  const expired = { ...(await readSignIn(file)), expiry_date: Date.now() - 1_000 }
  await writeFile(file, JSON.stringify(expired))
  return expired
}
