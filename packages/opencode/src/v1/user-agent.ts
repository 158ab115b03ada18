import { name, version } from "../../package.json" with { type: "json" }

/** This project's own name, as requests on the OAuth route carry it. */
export function userAgent(platform: string, arch: string): string {
  return `${name}/${version} (${platform}; ${arch})`
}
