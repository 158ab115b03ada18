import { version } from "../package.json" with { type: "json" }

/** Returns the `User-Agent` of requests with a Qwen account. */
export function userAgent(platform: string, arch: string): string {
  return `qwen-auth/${version} (${platform}; ${arch})`
}
