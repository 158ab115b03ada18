type Schema = Readonly<Record<string, unknown>>

const text = { type: "string", description: "…" }

function tool(id: string, description: string, required: readonly string[], optional: readonly string[] = []) {
  return withProperties(id, description, required, Object.fromEntries([...required, ...optional].map((n) => [n, text])))
}

function withProperties(id: string, description: string, required: readonly string[], properties: Schema) {
  return { id, description, parameters: { type: "object", properties, required } }
}

function listOf(required: readonly string[], optional: readonly string[] = []) {
  const items = tool("", "", required, optional).parameters
  return { type: "array", description: "…", items }
}

/** The tools of OpenCode 1.18.33 for `alibaba/qwen3-max`, with shortened descriptions. */
export const DEFAULT_TOOLS = [
  tool("invalid", "Do not use", ["tool", "error"]),
  withProperties("question", "Use this tool when you need to ask", ["questions"], {
    questions: listOf(["question", "header", "options"], ["multiple"]),
  }),
  tool("bash", "Executes a given bash command", ["command"], ["timeout", "workdir"]),
  tool("read", "Read a file or directory from the local filesystem.", ["filePath"], ["offset", "limit"]),
  tool("glob", "- Fast file pattern matching tool", ["pattern"], ["path"]),
  tool("grep", "- Fast content search tool", ["pattern"], ["path", "include"]),
  tool("edit", "Performs exact string replacements in files.", ["filePath", "oldString", "newString"], ["replaceAll"]),
  tool("write", "Writes a file to the local filesystem.", ["content", "filePath"]),
  tool("task", "Launch a new agent", ["description", "prompt", "subagent_type"], ["task_id", "command"]),
  tool("webfetch", "- Fetches content from a specified URL", ["url"], ["format", "timeout"]),
  withProperties("todowrite", "Create and maintain a structured task list", ["todos"], {
    todos: listOf(["content", "status", "priority"]),
  }),
  tool("skill", "Load a specialized skill", ["name"]),
]

/** The tools for a model that has `apply_patch` instead of `edit` and `write`. */
export const PATCH_TOOLS = [
  ...DEFAULT_TOOLS.filter(({ id }) => id !== "edit" && id !== "write"),
  tool("apply_patch", "Use the apply_patch tool to edit files.", ["patchText"]),
]

/** Returns a tool with the given parameters. */
export { tool as toolWith }
