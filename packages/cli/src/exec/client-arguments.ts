import { basename } from "node:path"
import { type GatewayModels, maxInputTokens } from "../gateway/gateway-models.ts"
import type { EnvironmentChange } from "./client-environment.ts"

/**
 * Returns the arguments that a client needs before the user's own, which take precedence. Only Codex needs any: it reads
 * its provider from `-c` and its own file, and from no variable. It takes a value that is not TOML as text, so the values
 * need no quotation marks, which Windows would remove.
 * @param command the command as the user typed it
 */
export function clientArguments(
  command: string,
  { set }: EnvironmentChange,
  { models }: GatewayModels,
): readonly string[] {
  if (!/^codex(\.(cmd|exe|js))?$/i.test(basename(command.replaceAll("\\", "/")))) return []
  const model = set["OPENAI_MODEL"]
  const facts = models.find(({ id }) => id === model)
  const settings = [
    "model_provider=qwen-auth",
    "model_providers.qwen-auth.name=Qwen",
    `model_providers.qwen-auth.base_url=${set["OPENAI_BASE_URL"]}`,
    "model_providers.qwen-auth.env_key=OPENAI_API_KEY",
    "model_providers.qwen-auth.wire_api=responses",
    `model=${model}`,
    ...(facts === undefined ? [] : [`model_context_window=${maxInputTokens(facts)}`]),
    // Only OpenAI's own service has tools of these two kinds.
    "web_search=disabled",
    "features.multi_agent=false",
  ]
  return settings.flatMap((setting) => ["-c", setting])
}
