import { name, version } from "../../package.json" with { type: "json" }

/** The `User-Agent` of requests on the OAuth route. */
export const USER_AGENT = `${name}/${version} (${process.platform}; ${process.arch})`
