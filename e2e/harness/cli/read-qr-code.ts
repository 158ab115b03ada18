import jsQR from "jsqr"

/** Matches a line of a QR code on a screen, which contains only modules. */
export const QR_LINE = /^(?=.*[█▀▄])[█▀▄ ]{20,}$/

/** The number of pixels in each direction for a module. */
const SCALE = 4

/**
 * Reads the QR code on a screen. A character shows two modules, one above the other. The blocks are light.
 * @returns the text of the code; `undefined` without a readable code
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
  for (let pixel = 0; pixel < width * height; pixel++) {
    const light = modules[Math.floor(pixel / width / SCALE)]?.[Math.floor((pixel % width) / SCALE)] === true
    pixels.set(light ? [255, 255, 255, 255] : [0, 0, 0, 255], pixel * 4)
  }
  // esModuleInterop differs between Node.js and the bundler.
  const read = typeof jsQR === "function" ? jsQR : Reflect.get(jsQR, "default")
  return read(pixels, width, height)?.data
}
