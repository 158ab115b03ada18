import { mkdir, readdir, readFile, rename, rm, stat } from "node:fs/promises"
import { join } from "node:path"
import { createClaim } from "../files/create-claim.ts"
import { fileErrorCode } from "../files/file-error.ts"
import { parseJsonObject } from "../http/json-object.ts"
import type { Platform } from "../platform.ts"

/**
 * A file of a lock. Each holder creates the file with the next number and renames it to `<number>.free` on release.
 * The newest number identifies the holder. The newest file is never removed, so that no number is used twice.
 */
export interface Generation {
  readonly number: number
  /** The holder has released the lock. */
  readonly free: boolean
  /** Changes with each heartbeat of the holder. Only compare it for equality. */
  readonly heartbeat: number
}

/** A number that this process created. `text` is the content of the file. */
export interface OwnedGeneration {
  readonly folder: string
  readonly number: number
  readonly path: string
  readonly text: string
}

const NAME = /^(\d{1,15})(\.free)?$/

/** Returns the newest number in the folder, or undefined when there is none. */
export async function newestGeneration(folder: string): Promise<Generation | undefined> {
  const names = await namesIn(folder)
  const number = Math.max(0, ...names.map((name) => name.number))
  if (number === 0) return undefined
  const free = names.some((name) => name.number === number && name.free)
  return { number, free, heartbeat: free ? 0 : await heartbeatOf(join(folder, String(number))) }
}

/** Returns the process that created a number, or undefined when the file does not name it (yet). */
export async function ownerOf(folder: string, number: number): Promise<{ pid: number; host: string } | undefined> {
  const text = await readFile(join(folder, String(number)), "utf8").catch(() => "")
  const { pid, host } = parseJsonObject(text) ?? {}
  const complete = typeof pid === "number" && Number.isInteger(pid) && pid >= 1 && typeof host === "string"
  return complete ? { pid, host } : undefined
}

/**
 * Claims a number. Returns undefined when another process was faster.
 * @throws the file system's error when no file can be created
 */
export async function claimGeneration(
  platform: Platform,
  folder: string,
  number: number,
): Promise<OwnedGeneration | undefined> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const path = join(folder, String(number))
  const nonce = Buffer.from(platform.randomBytes(16)).toString("hex")
  const owner = JSON.stringify({ pid: platform.pid, host: platform.host, nonce })
  const text = await createClaim(path, owner).catch((error: unknown) => {
    if (fileErrorCode(error) !== "EEXIST") throw error
  })
  if (text === undefined) return undefined
  const owned = { folder, number, path, text }
  if (!(await stillOwns(owned))) {
    // A newer number was created in the meantime.
    await rm(path, { force: true })
    return undefined
  }
  await removeOlder(folder, number - 1)
  return owned
}

/** Returns true while no newer number exists and the file is unchanged. */
export async function stillOwns({ folder, number, path, text }: OwnedGeneration): Promise<boolean> {
  const newest = await newestGeneration(folder).catch(() => undefined)
  if (newest?.number !== number || newest.free) return false
  return (await readFile(path, "utf8").catch(() => undefined)) === text
}

/** Releases a number. No other process ever renames or writes its file. */
export async function freeGeneration({ path }: OwnedGeneration): Promise<void> {
  await rename(path, `${path}.free`).catch(() => {})
}

async function namesIn(folder: string): Promise<{ number: number; free: boolean }[]> {
  try {
    const names = await readdir(folder)
    return names.flatMap((name) => {
      const [, digits, free] = NAME.exec(name) ?? []
      return digits === undefined ? [] : [{ number: Number(digits), free: free !== undefined }]
    })
  } catch (error) {
    if (fileErrorCode(error) === "ENOENT") return []
    throw error
  }
}

async function heartbeatOf(path: string): Promise<number> {
  return (await stat(path).catch(() => undefined))?.mtimeMs ?? 0
}

/**
 * Removes all numbers before the previous one. The previous one is kept because waiting processes may still read it.
 */
async function removeOlder(folder: string, previous: number): Promise<void> {
  const old = (await namesIn(folder)).filter(({ number }) => number < previous)
  const paths = old.map(({ number, free }) => join(folder, free ? `${number}.free` : String(number)))
  await Promise.all(paths.map((path) => rm(path, { force: true }).catch(() => {})))
}
