import { PLAN_IDS, REGIONS } from "qwen-auth-core/internal"
import type { Command, Option } from "./command.ts"

const JSON_OUTPUT: Option = { name: "json", summary: "print JSON" }

/** The commands about the sign-in. */
export const SIGN_IN_COMMANDS: readonly Command[] = [
  {
    name: "login",
    summary: "sign in; OpenCode's plugin and every other client of this command are then signed in too",
    usage: "[--account | --console | --key | --key-stdin | --found NAME] [options]",
    options: [
      { name: "account", summary: "sign in with a Qwen account in the browser" },
      { name: "console", summary: "get a pay-as-you-go key from the Qwen Cloud (Model Studio) console in the browser" },
      { name: "key", summary: "enter an API key; it is not shown" },
      { name: "key-stdin", summary: "read an API key from standard input" },
      { name: "found", value: "NAME", summary: "use a sign-in that is on this computer; `list` shows them" },
      { name: "plan", value: "PLAN", choices: PLAN_IDS, summary: "the plan of the key; detected unless given" },
      { name: "region", value: "REGION", choices: REGIONS, summary: "the region of the key, or of the console" },
      { name: "endpoint", value: "URL", summary: "the API address of the key, for example a workspace's own" },
      { name: "no-browser", summary: "show the address only" },
      { name: "no-check", summary: "do not ask the service whether the account has a quota" },
      { name: "json", summary: "print events, one JSON object per line" },
    ],
    examples: [
      ["qwen-auth login", "choose from a menu"],
      ["qwen-auth login --account --no-browser", "over SSH: open the address on another device"],
      ["qwen-auth login --key-stdin < key.txt", "in a script"],
      ["qwen-auth login --key --plan coding-plan --region international", "a key whose plan is known"],
    ],
    notes: [
      "A key is never an argument, because other users of the computer can see the arguments of a process.",
      'The events of --json are {"event": "verification" | "console" | "checking" | "found" | "signed-in" | "error", …}.',
    ],
    load: () => import("../login/login.ts"),
  },
  {
    name: "status",
    summary: "show who is signed in",
    usage: "[--check] [--json]",
    options: [
      { name: "check", summary: "ask the service by one small request whether the sign-in works" },
      JSON_OUTPUT,
    ],
    examples: [
      ["qwen-auth status", "read the stored sign-in; no network"],
      ["qwen-auth status --check || qwen-auth login", "sign in only if that is needed"],
    ],
    notes: ["Exit status: 0 signed in, 1 sign-in needed, 2 the service could not be reached (--check)."],
    load: () => import("./status.ts"),
  },
  {
    name: "logout",
    summary: "remove the stored sign-in",
    usage: "",
    options: [JSON_OUTPUT],
    examples: [["qwen-auth logout", ""]],
    load: () => import("./logout.ts"),
  },
  {
    name: "token",
    summary: "print a valid access token or the API key, refreshed if necessary",
    usage: "[--show]",
    options: [{ name: "show", summary: "print it to a terminal too" }],
    examples: [
      ['curl -H "Authorization: Bearer $(qwen-auth token)" https://portal.qwen.ai/v1/models', "use it in a script"],
    ],
    load: () => import("./token.ts"),
  },
  {
    name: "models",
    summary: "list the models of the sign-in with their limits",
    usage: "[--json] [--offline]",
    options: [JSON_OUTPUT, { name: "offline", summary: "do not ask the service for its list" }],
    examples: [
      ["qwen-auth models", "a table"],
      ["qwen-auth models --json | jq -r '.models[].id'", "the ids only"],
    ],
    load: () => import("./models.ts"),
  },
]
