import type { KnownTool } from "qwen-auth-core/internal"

/**
 * The tools of Qwen Code, with which Qwen's coder models were trained, by their current and former names. Each has its
 * equivalents in OpenCode 1.18; `list`, `plan_exit` and some others exist only in earlier versions or with certain
 * settings. OpenCode's `question` is missing, because `opencode run` lists it but does not offer it (observed).
 */
export const KNOWN_TOOLS: readonly KnownTool[] = [
  { names: ["read_file"], equivalents: [{ id: "read" }] },
  { names: ["read_many_files"], equivalents: [{ id: "read", note: "one path per call" }] },
  {
    names: ["list_directory"],
    equivalents: [
      { id: "list" },
      { id: "read", descriptionPattern: /file or directory/i, note: "a directory gives its listing" },
      { id: "glob" },
      { id: "bash", note: "ls lists a directory" },
    ],
  },
  { names: ["write_file"], equivalents: [{ id: "write" }, { id: "apply_patch" }] },
  { names: ["edit", "replace"], equivalents: [{ id: "edit" }, { id: "apply_patch" }] },
  {
    names: ["run_shell_command"],
    equivalents: [{ id: "bash", note: "no is_background, waits for the command's end" }],
  },
  { names: ["grep_search", "search_file_content"], equivalents: [{ id: "grep" }] },
  { names: ["glob"], equivalents: [{ id: "glob" }] },
  { names: ["todo_write"], equivalents: [{ id: "todowrite" }] },
  { names: ["web_fetch"], equivalents: [{ id: "webfetch", note: "gives the page itself, takes no prompt" }] },
  { names: ["web_search"], equivalents: [{ id: "websearch" }] },
  { names: ["task", "agent"], equivalents: [{ id: "task" }] },
  { names: ["skill"], equivalents: [{ id: "skill" }] },
  { names: ["exit_plan_mode"], equivalents: [{ id: "plan_exit" }] },
  { names: ["save_memory"], equivalents: [] },
]

/**
 * Returns whether a prompt already has the text about tool names, perhaps with other tools: OpenCode loads each copy of
 * this plugin that its configuration files name.
 */
export function hasToolNames(prompt: string, text: string): boolean {
  return prompt.includes(text.slice(0, text.indexOf("\n- ")))
}

/**
 * The tool of OpenCode's code mode. With it, the tools of MCP servers are called from this tool and not offered
 * themselves.
 */
export const CODE_MODE = "execute"
