/** A Model Studio console: the international one or the Chinese one. */
export type ConsoleSite = "international" | "china"

interface ConsoleSiteFacts {
  /** The address of the console, without a trailing slash. */
  readonly consoleUrl: string
  /** The region in the host name of a workspace if the console sends none. */
  readonly workspaceRegion: string
}

/** The facts of each console. */
export const CONSOLE_SITES: Readonly<Record<ConsoleSite, ConsoleSiteFacts>> = {
  international: {
    consoleUrl: "https://modelstudio.console.alibabacloud.com",
    workspaceRegion: "ap-southeast-1",
  },
  china: {
    consoleUrl: "https://bailian.console.aliyun.com",
    workspaceRegion: "cn-beijing",
  },
}

/** Returns the site for the console's value of `console_site`, or undefined for an unknown value. */
export function consoleSiteNamed(value: string | undefined): ConsoleSite | undefined {
  if (value === "international") return "international"
  return value === "domestic" ? "china" : undefined
}
