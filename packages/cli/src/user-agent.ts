import { name, version } from "../package.json" with { type: "json" }

/** The `User-Agent` of requests with a Qwen account. */
export function userAgent(platform: string, arch: string): string {
  return `${name}/${version} (${platform}; ${arch})`
}
