import { readFile, rm } from "node:fs/promises"
import { QwenAuthError } from "../errors.ts"
import type { World } from "../world.ts"
import { writeFileAtomically } from "./atomic-write.ts"
import type { OAuthCredential } from "./credential.ts"
import { formatCredentialJson, parseCredentialJson } from "./credential-json.ts"
import type { CredentialStore, Stored } from "./credential-store.ts"
import { fileErrorCode } from "./file-error.ts"

/**
 * A credential in a file of its owner's: 0600 in a folder of 0700, always whole.
 * @param path absolute path of the file
 */
export function credentialFile(world: World, path: string): CredentialStore {
  let last: Promise<unknown> = Promise.resolve()
  return {
    read: () => read(path),
    write: (credential) => write(world, path, credential),
    clear: () => rm(path, { force: true }),
    exclusive(task) {
      const turn = last.then(task, task)
      last = turn.catch(() => {})
      return turn
    },
  }
}

async function read(path: string): Promise<Stored> {
  let text: string
  try {
    text = await readFile(path, "utf8")
  } catch (error) {
    const code = fileErrorCode(error)
    return code === "ENOENT" || code === "ENOTDIR" ? {} : { problem: unusable(path, `cannot be read (${code})`) }
  }
  const credential = parseCredentialJson(text)
  return credential === undefined ? { problem: unusable(path, "does not hold a complete sign-in") } : { credential }
}

async function write(world: World, path: string, credential: OAuthCredential): Promise<void> {
  try {
    await writeFileAtomically(world, path, formatCredentialJson(credential))
  } catch (error) {
    const code = fileErrorCode(error)
    throw new QwenAuthError("credential_not_stored", `The sign-in could not be stored in ${path} (${code}).`, {
      remedy: "Check the folder's owner and mode and the free space on the disk.",
      cause: error,
    })
  }
}

function unusable(path: string, why: string): QwenAuthError {
  return new QwenAuthError("credential_unusable", `The stored sign-in ${path} ${why}.`, {
    remedy: "Sign in again.",
  })
}
