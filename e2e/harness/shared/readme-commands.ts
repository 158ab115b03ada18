import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { REPOSITORY } from "./repository.ts"

/** The lines of the shell commands in a document. @param document its path in the repository */
export async function readmeCommands(document: string): Promise<string[]> {
  const text = await readFile(join(REPOSITORY, document), "utf8")
  return [...text.matchAll(/```sh\n(.*?)```/gs)].flatMap(([, block]) => (block ?? "").trim().split("\n"))
}
