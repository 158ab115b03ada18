import { QwenAuthError } from "qwen-auth-core"
import { type ResolvedKey, resolveKeyEndpoint } from "qwen-auth-core/internal"

/**
 * Resolves a key that another program stored. The hint says where to ask first; the key may belong to another plan.
 * @throws QwenAuthError as {@link resolveKeyEndpoint} does
 */
export async function resolveFoundKey(options: Parameters<typeof resolveKeyEndpoint>[0]): Promise<ResolvedKey> {
  try {
    return await resolveKeyEndpoint(options)
  } catch (error) {
    if (!QwenAuthError.isInstance(error) || error.code !== "api_key_wrong_plan") throw error
    return resolveKeyEndpoint({ ...options, hint: {} })
  }
}
