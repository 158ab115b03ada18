import { type GatewayModels, maxInputTokens } from "../gateway/gateway-models.ts"
import { type AliasChoices, resolveModel } from "../gateway/model-aliases.ts"

/** A change of environment variables. */
export interface EnvironmentChange {
  readonly set: Readonly<Record<string, string>>
  readonly unset: readonly string[]
}

/** The most that a model answers while it thinks, tokens. */
const MAX_OUTPUT_WHILE_THINKING = 32_768

/** With these variables Claude Code would bypass the gateway. */
const UNSET = ["ANTHROPIC_API_KEY", "CLAUDE_CODE_USE_BEDROCK", "CLAUDE_CODE_USE_VERTEX"]

/**
 * Returns the variables that lead clients of OpenAI's and Anthropic's APIs to the gateway, and that tell Claude Code the
 * models and their limits. Claude Code assumes 200 000 tokens for a model that it does not know.
 */
export function clientEnvironment(
  gateway: { readonly origin: string; readonly localKey: string },
  aliases: AliasChoices,
  offered: GatewayModels,
): EnvironmentChange {
  const { origin, localKey } = gateway
  const modelOf = (family: string) => resolveModel(family, aliases, offered)
  const [opus, sonnet, haiku] = [modelOf("opus"), modelOf("sonnet"), modelOf("haiku")]
  return {
    set: {
      OPENAI_BASE_URL: `${origin}/v1`,
      OPENAI_API_KEY: localKey,
      // Qwen Code and others read it.
      OPENAI_MODEL: sonnet,
      ANTHROPIC_BASE_URL: origin,
      ANTHROPIC_AUTH_TOKEN: localKey,
      ANTHROPIC_MODEL: sonnet,
      ANTHROPIC_DEFAULT_OPUS_MODEL: opus,
      ANTHROPIC_DEFAULT_SONNET_MODEL: sonnet,
      ANTHROPIC_DEFAULT_HAIKU_MODEL: haiku,
      // The former name of ANTHROPIC_DEFAULT_HAIKU_MODEL.
      ANTHROPIC_SMALL_FAST_MODEL: haiku,
      // Without it Claude Code sends fields and blocks that only Anthropic's own service has.
      CLAUDE_CODE_DISABLE_EXPERIMENTAL_BETAS: "1",
      ...limits([opus, sonnet], offered),
    },
    unset: UNSET,
  }
}

/** Returns the limits that fit all of these models; no limits if a model is unknown. */
function limits(ids: readonly string[], { models }: GatewayModels): Record<string, string> {
  const facts = models.filter(({ id }) => ids.includes(id))
  if (facts.length !== new Set(ids).size) return {}
  const context = Math.min(...facts.map(maxInputTokens))
  const output = Math.min(
    ...facts.map(({ outputTokens, thinking }) =>
      thinking ? Math.min(outputTokens, MAX_OUTPUT_WHILE_THINKING) : outputTokens,
    ),
  )
  return {
    CLAUDE_CODE_MAX_OUTPUT_TOKENS: String(output),
    // The context window, and when Claude Code compacts. The second alone cannot raise the first.
    CLAUDE_CODE_MAX_CONTEXT_TOKENS: String(context),
    CLAUDE_CODE_AUTO_COMPACT_WINDOW: String(context),
  }
}

type Environment = Readonly<Record<string, string | undefined>>

/**
 * Returns the environment of a child. If a proxy is set, requests to loopback must not go through it.
 * @param environment the environment of this process
 */
export function changedEnvironment(environment: Environment, { set, unset }: EnvironmentChange): Environment {
  const kept = Object.entries(environment).filter(([name]) => !unset.includes(name))
  return { ...Object.fromEntries(kept), ...set, ...withoutProxy(environment) }
}

function withoutProxy(environment: Environment): Environment {
  const proxies = ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"]
  if (!proxies.some((name) => environment[name])) return {}
  const present = environment["no_proxy"] ?? environment["NO_PROXY"] ?? ""
  const extended = [present, "127.0.0.1"].filter((part) => part !== "").join(",")
  return { no_proxy: extended, NO_PROXY: extended }
}

/**
 * Returns the commands that change the variables of a shell: POSIX shells, or PowerShell on Windows.
 * @param platform the operating system
 */
export function shellCommands({ set, unset }: EnvironmentChange, platform: NodeJS.Platform): string {
  const lines =
    platform === "win32"
      ? [
          ...unset.map((name) => `Remove-Item Env:${name} -ErrorAction SilentlyContinue`),
          ...Object.entries(set).map(([name, value]) => `$env:${name} = '${value.replaceAll("'", "''")}'`),
        ]
      : [
          ...unset.map((name) => `unset ${name}`),
          ...Object.entries(set).map(([name, value]) => `export ${name}='${value.replaceAll("'", "'\\''")}'`),
        ]
  return `${lines.join("\n")}\n`
}
