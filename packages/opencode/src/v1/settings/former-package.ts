import type { Logger } from "qwen-auth-core"

const FORMER_PACKAGE = "opencode-qwen-cli-auth"

/** Its name, with a version or without, or the path of its folder or of the file in it that OpenCode loads. */
const LISTED = new RegExp(String.raw`(^|[/\\])${FORMER_PACKAGE}(@[^/\\]*)?([/\\]dist([/\\]index\.js)?)?[/\\]?$`)

/**
 * Warns where `opencode-qwen-cli-auth` is still in OpenCode's configuration. It serves the same provider from the same file, and does not
 * read what we write there.
 * @param plugins `plugin` of OpenCode's configuration: names and paths, or pairs of one of these and its options
 */
export function warnOfFormerPackage(plugins: unknown, log: Logger): void {
  const entries: unknown[] = Array.isArray(plugins) ? plugins.flat() : []
  if (!entries.some((entry) => typeof entry === "string" && LISTED.test(entry))) return
  log.warn(
    `The plugin ${FORMER_PACKAGE} is still in OpenCode's configuration and uses the same file for its sign-in. ` +
      'Remove it from "plugin" and restart OpenCode; the sign-in is kept.',
  )
}
