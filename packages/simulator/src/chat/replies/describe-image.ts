import type { ImagePart } from "../chat-request.ts"

/** Describes an image from its header, for example `PNG, 12 × 8`. */
export function describeImage({ url }: ImagePart): string {
  const data = /^data:image\/([a-z0-9.+-]+);base64,/i.exec(url)
  if (data?.[1] === undefined)
    return URL.canParse(url) && !url.startsWith("data:") ? `from ${new URL(url).host}` : "unreadable"
  const type = data[1].replace(/\+.*$/, "").toUpperCase()
  const size = type === "PNG" ? pngSize(url.slice(data[0].length)) : undefined
  return size === undefined ? type : `${type}, ${size}`
}

/** Width and height have fixed offsets in the first chunk (PNG specification, IHDR). */
function pngSize(base64: string): string | undefined {
  const start = Buffer.from(base64.slice(0, 32), "base64")
  if (start.length < 24 || start.toString("latin1", 12, 16) !== "IHDR") return undefined
  return `${start.readUInt32BE(16)} × ${start.readUInt32BE(20)}`
}
