import { CONSOLE_SITE, METHOD_LABELS } from "../../shared/sign-in-texts.ts"
import type { MethodOptions, SignInMethod } from "./method.ts"

/**
 * The sign-in method `Model Studio account (browser)`: the console sends a key to this computer, so the user need not
 * copy one.
 */
export function consoleMethod({ signIns }: MethodOptions): SignInMethod {
  return {
    type: "oauth",
    label: METHOD_LABELS.console,
    prompts: [
      {
        type: "select",
        key: "site",
        message: CONSOLE_SITE.question,
        options: [...CONSOLE_SITE.choices],
      },
    ],
    authorize: async (inputs) => (await signIns()).console(inputs?.["site"]),
  }
}
