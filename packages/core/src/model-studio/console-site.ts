/** A Model Studio console: the international one or the Chinese one. */
export type ConsoleSite = "international" | "china"

interface ConsoleSiteFacts {
  /** The address of the console, without a trailing slash. */
  readonly consoleUrl: string
  /** The base URL of the API if the console sends none. */
  readonly apiBaseUrl: string
  /** The region of a workspace's host if the console sends none. */
  readonly region: string
}

/** The addresses of each console. */
export const CONSOLE_SITES: Readonly<Record<ConsoleSite, ConsoleSiteFacts>> = {
  international: {
    consoleUrl: "https://modelstudio.console.alibabacloud.com",
    apiBaseUrl: "https://dashscope-intl.aliyuncs.com/compatible-mode/v1",
    region: "ap-southeast-1",
  },
  china: {
    consoleUrl: "https://bailian.console.aliyun.com",
    apiBaseUrl: "https://dashscope.aliyuncs.com/compatible-mode/v1",
    region: "cn-beijing",
  },
}

/** Returns the site for the console's value of `console_site`, or undefined for an unknown value. */
export function consoleSiteNamed(value: string | undefined): ConsoleSite | undefined {
  if (value === "international") return "international"
  return value === "domestic" ? "china" : undefined
}
