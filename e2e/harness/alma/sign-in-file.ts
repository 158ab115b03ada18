import { mkdir, readFile, writeFile } from "node:fs/promises"
import { dirname } from "node:path"
import type { Simulator } from "../shared/simulator-process.ts"
import { signInTo } from "../shared/stored-sign-in.ts"

/** Leaves the sign-in of another program on this computer, whose token is valid for `portal.qwen.ai`. */
export async function leaveSignIn(simulator: Simulator, file: string): Promise<void> {
  const { origin } = simulator
  await mkdir(dirname(file), { recursive: true })
  await simulator.control("scenario", { deviceCode: { autoApprove: true } })
  await signInTo({ ...simulator, origin: `${origin}/_hosts/chat.qwen.ai` }, file)
  await simulator.control("scenario", { deviceCode: { autoApprove: false } })
  await writeFile(file, (await readFile(file, "utf8")).replaceAll(`${origin}/_hosts/`, "https://"))
}
