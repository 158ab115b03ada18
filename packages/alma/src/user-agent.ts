import { version } from "../package.json" with { type: "json" }

/** The `User-Agent` of requests with a Qwen account. */
export const USER_AGENT = `qwen-auth-alma/${version} (${process.platform}; ${process.arch})`
