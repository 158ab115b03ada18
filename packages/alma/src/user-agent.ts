import { version } from "../package.json" with { type: "json" }

/** This project's own name, as requests with a Qwen account carry it. */
export const USER_AGENT = `qwen-auth-alma/${version} (${process.platform}; ${process.arch})`
