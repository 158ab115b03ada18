import type { KnownTool } from "qwen-auth-core/internal"

/** Qwen Code's tools, which Qwen's coder models were trained with, and Alma's equivalents. */
export const KNOWN_TOOLS: readonly KnownTool[] = [
  { names: ["read_file"], equivalents: [{ id: "Read" }] },
  { names: ["read_many_files"], equivalents: [{ id: "Read", note: "one path per call" }] },
  {
    names: ["list_directory"],
    equivalents: [{ id: "LS" }, { id: "Glob" }, { id: "Bash", note: "ls lists a directory" }],
  },
  { names: ["write_file"], equivalents: [{ id: "Write" }] },
  { names: ["edit", "replace"], equivalents: [{ id: "Edit" }, { id: "MultiEdit" }] },
  { names: ["run_shell_command"], equivalents: [{ id: "Bash" }] },
  { names: ["grep_search", "search_file_content"], equivalents: [{ id: "Grep" }] },
  { names: ["glob"], equivalents: [{ id: "Glob" }] },
  { names: ["todo_write"], equivalents: [{ id: "TodoWrite" }] },
  { names: ["web_fetch"], equivalents: [{ id: "WebFetch" }] },
  { names: ["web_search"], equivalents: [{ id: "WebSearch" }] },
  { names: ["task", "agent"], equivalents: [{ id: "Task" }] },
  { names: ["skill"], equivalents: [{ id: "Skill" }] },
  { names: ["exit_plan_mode"], equivalents: [{ id: "ExitPlanMode" }] },
  { names: ["save_memory"], equivalents: [] },
]
