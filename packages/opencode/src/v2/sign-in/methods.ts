import { tokenId } from "qwen-auth-core/internal"
import { CONSOLE_SITE, KEY_ENDPOINT, METHOD_LABELS, PROVIDER_ID } from "../../shared/sign-in-texts.ts"
import type { Directory } from "../directory.ts"
import type { FormField, HostOAuth, MethodInput } from "../host-types.ts"
import { FORMER_KEY, FOUND_KEYS, KEY_ENDPOINTS, KEY_VARIABLES, METHOD_IDS } from "./choices.ts"

const SITE: FormField = {
  key: "site",
  type: "string",
  title: CONSOLE_SITE.question,
  required: true,
  default: "international",
  options: CONSOLE_SITE.choices.map(({ value, label, hint }) => ({ value, label, description: hint })),
}

const FOUND_IN: FormField = {
  key: "from",
  type: "string",
  title: "Which API key?",
  required: true,
  default: "first",
  options: [
    { value: "first", label: "The first one that is found" },
    ...Object.entries({ ...FOUND_KEYS, [FORMER_KEY.id]: FORMER_KEY.label }).map(([value, label]) => ({ value, label })),
  ],
}

const { detect, workspace, host, question } = KEY_ENDPOINT

const KEY_FORM: readonly FormField[] = [
  {
    key: "endpoint",
    type: "string",
    title: question,
    required: true,
    default: detect.value,
    options: [
      { value: detect.value, label: detect.label, description: detect.hint },
      ...Object.entries(KEY_ENDPOINTS).map(([value, label]) => ({ value, label })),
      { value: workspace.value, label: workspace.label, description: workspace.hint },
    ],
  },
  {
    // Not `baseURL`: OpenCode would send the key to any address that is entered there.
    key: "host",
    type: "string",
    title: host.question,
    required: true,
    placeholder: host.placeholder,
    when: [{ key: "endpoint", op: "eq", value: workspace.value }],
  },
]

/**
 * Returns the sign-in methods, always the same ones. A transform must not read files, so an existing sign-in is looked up
 * when its method is chosen.
 * @param directory loads the code that signs in
 */
export function signInMethods(directory: () => Promise<Directory>): MethodInput[] {
  const integrationID = PROVIDER_ID
  return [
    {
      integrationID,
      method: { id: METHOD_IDS.account, type: "oauth", label: METHOD_LABELS.account },
      authorize: async () => (await directory()).signIn.account(),
      refresh: async (credential) => (await directory()).refresh(credential),
      label: (credential) => labelOf("Qwen Account", credential.refresh),
    },
    {
      integrationID,
      method: { id: METHOD_IDS.console, type: "oauth", label: METHOD_LABELS.console, form: [SITE] },
      authorize: async (answer) => (await directory()).signIn.console(answer["site"]),
      label: (credential) => labelOf("Model Studio account", credential.access),
    },
    { integrationID, method: { type: "key", label: METHOD_LABELS.key, form: KEY_FORM } },
    {
      integrationID,
      method: { id: METHOD_IDS.own, type: "oauth", label: METHOD_LABELS.own },
      authorize: async () => (await directory()).signIn.existing("own"),
      label: (credential) => labelOf("Qwen Account", credential.refresh),
    },
    {
      integrationID,
      method: { id: METHOD_IDS["qwen-code"], type: "oauth", label: METHOD_LABELS["qwen-code"] },
      authorize: async () => (await directory()).signIn.existing("qwen-code"),
      refresh: async (credential) => (await directory()).refresh(credential),
      label: (credential) => labelOf("Qwen Code's sign-in", credential.refresh),
    },
    {
      integrationID,
      method: { id: METHOD_IDS["found-key"], type: "oauth", label: METHOD_LABELS["found-key"], form: [FOUND_IN] },
      authorize: async (answer) => (await directory()).signIn.foundKey(answer["from"]),
      label: (credential) => labelOf("API key", credential.access),
    },
    { integrationID, method: { type: "env", names: KEY_VARIABLES } },
  ]
}

/**
 * Returns a label that distinguishes several accounts in OpenCode. The service gives no user name, so the label has a part
 * of the secret's digest.
 */
function labelOf(name: string, secret: HostOAuth["refresh"]): string {
  return `${name} (${tokenId(secret).slice(0, 4)}, ${new Date().toISOString().slice(0, 10)})`
}
