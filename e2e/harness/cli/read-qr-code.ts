import jsQR from "jsqr"

/** A line of a QR code on a screen: nothing but modules. */
export const QR_LINE = /^(?=.*[█▀▄])[█▀▄ ]{20,}$/

/** How many pixels a module gets. */
const SCALE = 4

/**
 * Reads the QR code on a screen, in which a character is two modules: one above the other. The blocks are light.
 * @returns its text; undefined if there is none
 */
export function readQrCode(screen: string): string | undefined {
  const rows = screen.split("\n").filter((line) => QR_LINE.test(line))
  const modules = rows.flatMap((row) => [
    [...row].map((character) => character === "█" || character === "▀"),
    [...row].map((character) => character === "█" || character === "▄"),
  ])
  const width = Math.max(0, ...modules.map((line) => line.length)) * SCALE
  const height = modules.length * SCALE
  if (width === 0) return undefined
  const pixels = new Uint8ClampedArray(width * height * 4)
  for (let at = 0; at < width * height; at++) {
    const light = modules[Math.floor(at / width / SCALE)]?.[Math.floor((at % width) / SCALE)] === true
    pixels.set(light ? [255, 255, 255, 255] : [0, 0, 0, 255], at * 4)
  }
  // esModuleInterop differs between Node.js and the bundler.
  const read = typeof jsQR === "function" ? jsQR : Reflect.get(jsQR, "default")
  return read(pixels, width, height)?.data
}
