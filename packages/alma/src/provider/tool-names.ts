import type { TrainedTool } from "qwen-auth-core"

/** The tools of Qwen Code, which Qwen's coder models were trained with, and Alma's for the same jobs. */
export const TRAINED_TOOLS: readonly TrainedTool[] = [
  { names: ["read_file"], standIns: [{ id: "Read" }] },
  { names: ["read_many_files"], standIns: [{ id: "Read", note: "one path per call" }] },
  { names: ["list_directory"], standIns: [{ id: "LS" }, { id: "Glob" }, { id: "Bash", note: "ls lists a directory" }] },
  { names: ["write_file"], standIns: [{ id: "Write" }] },
  { names: ["edit", "replace"], standIns: [{ id: "Edit" }, { id: "MultiEdit" }] },
  { names: ["run_shell_command"], standIns: [{ id: "Bash" }] },
  { names: ["grep_search", "search_file_content"], standIns: [{ id: "Grep" }] },
  { names: ["glob"], standIns: [{ id: "Glob" }] },
  { names: ["todo_write"], standIns: [{ id: "TodoWrite" }] },
  { names: ["web_fetch"], standIns: [{ id: "WebFetch" }] },
  { names: ["web_search"], standIns: [{ id: "WebSearch" }] },
  { names: ["task", "agent"], standIns: [{ id: "Task" }] },
  { names: ["skill"], standIns: [{ id: "Skill" }] },
  { names: ["exit_plan_mode"], standIns: [{ id: "ExitPlanMode" }] },
  { names: ["save_memory"], standIns: [] },
]
