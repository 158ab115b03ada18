/** Which console: the international one or China's. */
export type ConsoleSite = "international" | "china"

interface ConsoleSiteFacts {
  /** Where people sign in, without a trailing slash. */
  readonly consoleUrl: string
  /** The pay-as-you-go API when the console does not name one. */
  readonly apiBaseUrl: string
  /** The region of a workspace's host when the console does not name one. */
  readonly region: string
}

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

/** The site that the console's own word (`console_site`) means; undefined for a word that was not seen. */
export function consoleSiteNamed(word: string | undefined): ConsoleSite | undefined {
  if (word === "international") return "international"
  return word === "domestic" ? "china" : undefined
}
