import type { Call } from "../commands/command.ts"
export async function run(_: Call): Promise<number> {
  return 0
}
