import type { Logger } from "qwen-auth-core"

/**
 * The package's name with or without a version, the path of its folder, and the path of the file that OpenCode loads.
 */
const FORMER_PACKAGE = /(^|[/\\])opencode-qwen-cli-auth(@[^/\\]*)?([/\\]dist([/\\]index\.js)?)?[/\\]?$/

/**
 * Warns if `opencode-qwen-cli-auth` is still in OpenCode's configuration. It serves the same provider from the same
 * file, but cannot read what this plugin writes there.
 * @param plugins `plugin` of OpenCode's configuration: names and paths, or pairs of one of these and its options
 */
export function warnOfFormerPackage(plugins: unknown, log: Logger): void {
  const entries: unknown[] = Array.isArray(plugins) ? plugins.flat() : []
  if (!entries.some((entry) => typeof entry === "string" && FORMER_PACKAGE.test(entry))) return
  log.warn(
    "The plugin opencode-qwen-cli-auth is still in OpenCode's configuration and uses the same file for its sign-in. " +
      'Remove it from "plugin" and restart OpenCode; the sign-in is kept.',
  )
}
