import { afterEach, beforeEach, vi } from "vitest"

const VARIABLES = [
  "ALIBABA_CODING_PLAN_API_KEY",
  "ALIBABA_TOKEN_PLAN_API_KEY",
  "BAILIAN_CODING_PLAN_API_KEY",
  "BAILIAN_TOKEN_PLAN_API_KEY",
  "DASHSCOPE_API_KEY",
  "DEBUG_QWEN_PLUGIN",
  "ENABLE_PLUGIN_REQUEST_LOGGING",
  "QWEN_API_BASE_URL",
  "QWEN_HOME",
  "QWEN_MODE",
  "QWEN_OAUTH_BASE_URL",
  "QWENCLOUD_API_KEY",
  "XDG_DATA_HOME",
]

/** Unsets all variables that the plugin reads before each test. Call it once in a test file. */
export function cleanEnvironment(): void {
  beforeEach(() => {
    for (const name of VARIABLES) vi.stubEnv(name, undefined)
  })
  afterEach(() => {
    vi.unstubAllEnvs()
  })
}
