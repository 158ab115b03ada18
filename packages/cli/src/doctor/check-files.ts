import { constants, existsSync } from "node:fs"
import { access, stat } from "node:fs/promises"
import { dirname, join } from "node:path"
import { newestGeneration, ownerOf } from "qwen-auth-core/internal"
import { describeSignIn } from "../describe-sign-in.ts"
import type { World } from "../world.ts"
import { type Check, type CheckContext, type Finding, note, ok, problem } from "./finding.ts"

/** A healthy refresh takes at most this long, ms. */
const LONGEST_HOLD_MS = 60_000

/**
 * Checks the stored sign-in: its file, its modes, its lock. The modes are checked first, because reading the file
 * corrects them.
 */
export const checkFiles: Check = async (context) => {
  const modes = await checkModes(context)
  return [...modes, ...(await checkFolder(context)), ...(await checkLock(context)), await checkStored(context)]
}

async function checkModes({ world, signIn }: CheckContext): Promise<Finding[]> {
  if (world.system === "win32") return []
  const { tokenFile } = signIn.settings
  const paths = [tokenFile, dirname(tokenFile)]
  const found = await Promise.all(
    paths.map(async (path) => {
      const mode = await modeOf(path)
      if (mode === undefined || (mode & 0o077) === 0) return []
      const wanted = path === tokenFile ? "600" : "700"
      return [
        problem("files", `Other users can read ${path} (mode ${mode.toString(8)}).`, `Run: chmod ${wanted} ${path}`),
      ]
    }),
  )
  return found.flat()
}

async function checkFolder({ world, signIn }: CheckContext): Promise<Finding[]> {
  const folder = dirname(signIn.settings.tokenFile)
  const present = existsSync(folder)
  // Nothing has to be stored for a key in the environment.
  if (!present && (await signIn.active()).kind === "environment-key") return []
  const writable = nearestFolder(folder)
  if (await isWritable(world, writable)) return []
  return [
    present
      ? problem(
          "files",
          `The sign-in cannot be renewed, because ${folder} is not writable.`,
          `Make it your own folder: chown "$(id -u)" ${folder} && chmod 700 ${folder}`,
        )
      : problem(
          "files",
          `The sign-in cannot be stored, because ${writable} is not writable.`,
          `Make it writable, for example: chmod u+w ${writable}`,
        ),
  ]
}

/** Returns the folder, or the nearest one above it that exists. */
function nearestFolder(folder: string): string {
  return existsSync(folder) || dirname(folder) === folder ? folder : nearestFolder(dirname(folder))
}

async function checkLock({ signIn }: CheckContext): Promise<Finding[]> {
  const { platform, settings } = signIn
  const folder = `${settings.tokenFile}.lock`
  const newest = await newestGeneration(folder).catch(() => undefined)
  if (newest === undefined || newest.free) return []
  const owner = await ownerOf(folder, newest.number)
  const dead = owner !== undefined && owner.host === platform.host && !platform.isAlive(owner.pid)
  if (dead) return [note("lock", "A process ended while it held the lock. The next one takes the lock over.")]
  const heldMs = platform.now() - (await createdAt(join(folder, String(newest.number)), platform.now()))
  if (heldMs < LONGEST_HOLD_MS) return [note("lock", "Another process refreshes the sign-in at this moment.")]
  const who = owner === undefined ? "Another process" : `Process ${owner.pid} on ${owner.host}`
  return [
    problem(
      "lock",
      `${who} has held the lock of the sign-in for ${Math.round(heldMs / 60_000)} minutes.`,
      "End that process if it hangs.",
    ),
  ]
}

async function checkStored({ signIn }: CheckContext): Promise<Finding> {
  const active = await signIn.active()
  if (active.kind === "none")
    return problem("sign-in", active.problem?.message ?? "You are not signed in to Qwen.", "Run: qwen-auth login")
  const { label, source } = describeSignIn(signIn, active)
  return ok("sign-in", `${label} (${source}). To ask the service about it, run: qwen-auth status --check`)
}

async function modeOf(path: string): Promise<number | undefined> {
  const stats = await stat(path).catch(() => undefined)
  return stats === undefined ? undefined : stats.mode & 0o777
}

async function createdAt(path: string, fallback: number): Promise<number> {
  const stats = await stat(path).catch(() => undefined)
  // Some file systems do not know when a file was created.
  return stats === undefined || stats.birthtimeMs <= 0 ? fallback : stats.birthtimeMs
}

/** Root may write everywhere, so the mode counts too. Windows marks writable folders as read-only. */
async function isWritable({ system }: World, folder: string): Promise<boolean> {
  const mode = await modeOf(folder)
  if (system !== "win32" && mode !== undefined && (mode & 0o200) === 0) return false
  return access(folder, constants.W_OK).then(
    () => true,
    () => false,
  )
}
