/**
 * A process that uses the shared sign-in as Qwen Code does (observed in 0.12 and 0.24). It imports none of our code.
 * Its argument is JSON: `origin`, `folder` and `staleMs`, the age at which this version considers a lock stale.
 * It answers each line on standard input with a valid token, as described in answer-lines.mjs.
 */
import { randomUUID } from "node:crypto"
import { unlinkSync } from "node:fs"
import { mkdir, readFile, rename, stat, unlink, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { answerLines } from "./answer-lines.mjs"

/** @type {{ origin: string, folder: string, staleMs: number }} */
const { origin, folder, staleMs } = JSON.parse(process.argv[2] ?? "{}")
const FILE = join(folder, "oauth_creds.json")
const LOCK = join(folder, "oauth_creds.lock")
const CLIENT_ID = "f0304373b74a44d2b584a3fb70ca9e56"
const TRIES = 20
/** A token that expires within this time is refreshed. */
const BUFFER_MS = 30_000

/**
 * @typedef {object} Tokens
 * @property {string} access_token
 * @property {string} refresh_token
 * @property {string | undefined} [resource_url]
 * @property {number} expiry_date
 */

/** @returns {Promise<Tokens>} */
async function load() {
  return JSON.parse(await readFile(FILE, "utf8"))
}

/** @param {Tokens} tokens */
function isValid(tokens) {
  return Date.now() < tokens.expiry_date - BUFFER_MS
}

async function takeLock() {
  let pauseMs = 100
  for (let attempt = 0; attempt < TRIES; attempt++) {
    try {
      await writeFile(LOCK, randomUUID(), { flag: "wx" })
      return
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error
    }
    if (await breakIfStale()) continue
    await sleep(pauseMs)
    pauseMs = Math.min(pauseMs * 1.5, 2_000)
  }
  throw new Error("The lock could not be acquired.")
}

async function breakIfStale() {
  try {
    const { mtimeMs } = await stat(LOCK)
    if (Date.now() - mtimeMs <= staleMs) return false
    const aside = `${LOCK}.stale.${randomUUID()}`
    await rename(LOCK, aside)
    await unlink(aside)
    return true
  } catch {
    return false
  }
}

/** @param {Tokens} stored @returns {Promise<Tokens>} */
async function refresh(stored) {
  const response = await fetch(`${origin}/api/v1/oauth2/token`, {
    method: "POST",
    headers: { Accept: "application/json", "Content-Type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams({
      grant_type: "refresh_token",
      refresh_token: stored.refresh_token,
      client_id: CLIENT_ID,
    }),
  })
  if (response.status === 400) {
    await unlink(FILE).catch(() => {})
    throw new Error("Refresh token expired or invalid.")
  }
  if (!response.ok) throw new Error(`HTTP ${response.status}`)
  /** @type {Tokens & { token_type: string, expires_in: number }} */
  const { access_token, token_type, refresh_token, resource_url, expires_in } = JSON.parse(await response.text())
  const refreshed = {
    access_token,
    token_type,
    refresh_token: refresh_token ?? stored.refresh_token,
    resource_url: resource_url ?? stored.resource_url,
    expiry_date: Date.now() + expires_in * 1000,
  }
  await store(refreshed)
  return refreshed
}

/** @param {Tokens} tokens */
async function store(tokens) {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const temporary = `${FILE}.tmp.${randomUUID()}`
  await writeFile(temporary, JSON.stringify(tokens, undefined, 2), { mode: 0o600 })
  await rename(temporary, FILE)
}

/** Gets a valid token. `refreshed`: this process refreshed it. */
async function use() {
  const tokens = await load()
  if (isValid(tokens)) return { accessToken: tokens.access_token, refreshed: false }
  try {
    await takeLock()
    const stored = await load()
    if (isValid(stored)) return { accessToken: stored.access_token, refreshed: false }
    return { accessToken: (await refresh(stored)).access_token, refreshed: true }
  } finally {
    // Qwen Code also deletes a lock that it did not acquire, so a live lock is deleted after about 30 s.
    await unlink(LOCK).catch(() => {})
  }
}

process.on("exit", () => {
  try {
    unlinkSync(LOCK)
  } catch {
    // This process does not hold a lock.
  }
})

await answerLines(use)
