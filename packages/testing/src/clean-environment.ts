import { afterEach, beforeEach, vi } from "vitest"

const OURS = [
  "BAILIAN_CODING_PLAN_API_KEY",
  "BAILIAN_TOKEN_PLAN_API_KEY",
  "DASHSCOPE_API_KEY",
  "DEBUG_QWEN_PLUGIN",
  "ENABLE_PLUGIN_REQUEST_LOGGING",
  "QWEN_API_BASE_URL",
  "QWEN_HOME",
  "QWEN_MODE",
  "QWEN_OAUTH_BASE_URL",
]

/** Each test begins with none of the variables that the plugin reads. Call it once in a test file. */
export function cleanEnvironment(): void {
  beforeEach(() => {
    for (const name of OURS) vi.stubEnv(name, undefined)
  })
  afterEach(() => {
    vi.unstubAllEnvs()
  })
}
