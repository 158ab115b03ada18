import type { TrainedTool } from "qwen-auth-core"

/**
 * The tools of Qwen Code, which Qwen's coder models were trained with, under their present and their former names; beside each,
 * OpenCode's (1.18: what it offers; `list`, `plan_exit` and others: what former versions or its switches add). OpenCode's
 * `question` is left out: `opencode run` lists it and then does not offer it (observed).
 */
export const TRAINED_TOOLS: readonly TrainedTool[] = [
  { names: ["read_file"], standIns: [{ id: "read" }] },
  { names: ["read_many_files"], standIns: [{ id: "read", note: "one path per call" }] },
  {
    names: ["list_directory"],
    standIns: [
      { id: "list" },
      { id: "read", says: /file or directory/i, note: "a directory gives its listing" },
      { id: "glob" },
      { id: "bash", note: "ls lists a directory" },
    ],
  },
  { names: ["write_file"], standIns: [{ id: "write" }, { id: "apply_patch" }] },
  { names: ["edit", "replace"], standIns: [{ id: "edit" }, { id: "apply_patch" }] },
  {
    names: ["run_shell_command"],
    standIns: [{ id: "bash", note: "no is_background, waits for the command's end" }],
  },
  { names: ["grep_search", "search_file_content"], standIns: [{ id: "grep" }] },
  { names: ["glob"], standIns: [{ id: "glob" }] },
  { names: ["todo_write"], standIns: [{ id: "todowrite" }] },
  { names: ["web_fetch"], standIns: [{ id: "webfetch", note: "gives the page itself, takes no prompt" }] },
  { names: ["web_search"], standIns: [{ id: "websearch" }] },
  { names: ["task", "agent"], standIns: [{ id: "task" }] },
  { names: ["skill"], standIns: [{ id: "skill" }] },
  { names: ["exit_plan_mode"], standIns: [{ id: "plan_exit" }] },
  { names: ["save_memory"], standIns: [] },
]

/** With OpenCode's code mode the tools of MCP servers are called from within this one, and not offered themselves. */
export const CODE_MODE = "execute"
