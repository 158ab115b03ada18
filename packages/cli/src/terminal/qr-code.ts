import { renderUnicodeCompact } from "uqr"
import type { World } from "../world.ts"
import { hasColours, isTerminal } from "./style.ts"

/** ISO/IEC 18004 asks for four modules around the code; phones read it with two. */
const BORDER = 2

/**
 * Returns a QR code for the terminal, two modules per character; undefined without a terminal that is wide enough.
 * @param text what a phone reads
 */
export function qrCode(world: Pick<World, "stdout" | "sources">, text: string): string | undefined {
  if (!isTerminal(world)) return undefined
  const lines = renderUnicodeCompact(text, { ecc: "L", border: BORDER }).split("\n")
  if ((lines[0] ?? "").length > (world.stdout.columns ?? 80)) return undefined
  // The blocks are the light modules. With colours they are white on black in a light terminal too.
  return lines.map((line) => (hasColours(world) ? `\x1b[97;40m${line}\x1b[0m` : line)).join("\n")
}
