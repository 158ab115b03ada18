import { CONSOLE_KEY_COST } from "../messages.ts"
import type { SignInMethod, SignInOptions } from "./method.ts"

/**
 * The sign-in method `Model Studio account (browser)`: the console sends a key to this computer, so the user need not
 * copy one.
 */
export function consoleMethod(options: SignInOptions): SignInMethod {
  return {
    type: "oauth",
    label: "Model Studio account (browser)",
    prompts: [
      {
        type: "select",
        key: "site",
        message: `Where is your Alibaba Cloud account? (With its key, ${CONSOLE_KEY_COST}.)`,
        options: [
          { label: "International", value: "international", hint: "modelstudio.console.alibabacloud.com" },
          { label: "China", value: "china", hint: "bailian.console.aliyun.com" },
        ],
      },
    ],
    authorize: async (inputs) => (await import("../lazy.ts")).signInThroughConsole(options, inputs?.["site"]),
  }
}
