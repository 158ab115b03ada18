import { existsSync } from "node:fs"
import { QwenAuthError } from "qwen-auth-core"
import { fieldsOf, fileErrorCode } from "qwen-auth-core/internal"
import type { CredentialsChoice } from "./credentials-choice.ts"
import { readJsonFile, writeJsonFile } from "./json-file.ts"

/**
 * Stores in `auth-config.json` whose sign-in is used from the next start on. Other entries are kept.
 * @param path absolute path of `auth-config.json`
 * @throws QwenAuthError `credential_not_stored`
 */
export async function storeCredentialsChoice(path: string, choice: CredentialsChoice): Promise<void> {
  const present = fieldsOf(existsSync(path) ? await readJsonFile(path) : {})
  if (present === undefined) throw choiceNotStoredError(path, "not a JSON object")
  await writeJsonFile(path, { ...present, credentials: choice }, { parents: true }).catch((error: unknown) => {
    throw choiceNotStoredError(path, fileErrorCode(error), error)
  })
}

function choiceNotStoredError(path: string, reason: string, cause?: unknown): QwenAuthError {
  return new QwenAuthError("credential_not_stored", `The choice could not be written to ${path} (${reason}).`, {
    remedy: "Correct or remove that file, then sign in again.",
    cause,
  })
}
