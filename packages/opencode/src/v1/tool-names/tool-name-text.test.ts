import * as fc from "fast-check"
import { always, anyText } from "qwen-auth-testing/properties"
import { describe, expect, it } from "vitest"
import { DEFAULT_TOOLS, PATCH_TOOLS, toolWith } from "../testing/default-tools.ts"
import { parseHostTools } from "./host-tools.ts"
import { toolNamePrompt } from "./tool-name-text.ts"

const textOf = (tools: readonly unknown[], prefixes: readonly string[] = []) =>
  toolNamePrompt(parseHostTools({ data: tools }) ?? [], prefixes)
const lineOf = (name: string, tools: readonly unknown[]) =>
  textOf(tools)
    ?.split("\n")
    .find((line) => line.startsWith("- ") && line.split(" → ")[0]?.slice(2).split(", ").includes(name))

const DEFAULT_TEXT = `# Tool names
Tools here may have other names and parameters than those you know. Call only tools offered in this conversation, with exactly their names and parameters; no other tool exists. If none are offered, ignore this.
Name you know → tool here (? = optional):
- read_file, read_many_files, list_directory → read(filePath, offset?, limit?); one path per call; a directory gives its listing
- write_file → write(content, filePath)
- edit, replace → edit(filePath, oldString, newString, replaceAll?)
- run_shell_command → bash(command, timeout?, workdir?); no is_background, waits for the command's end
- grep_search, search_file_content → grep(pattern, path?, include?)
- glob → glob(pattern, path?)
- todo_write → todowrite(todos: [{content, status, priority}])
- web_fetch → webfetch(url, format?, timeout?); gives the page itself, takes no prompt
- task, agent → task(description, prompt, subagent_type, task_id?, command?)
- skill → skill(name)
Not available: web_search, exit_plan_mode, save_memory`

describe("toolNamePrompt", () => {
  it("for the tools that OpenCode 1.18.33 offers Qwen's models", () => {
    expect(textOf(DEFAULT_TOOLS)).toBe(DEFAULT_TEXT)
  })

  it("is short", () => {
    expect(DEFAULT_TEXT.length).toBeLessThan(1_200)
  })

  it("does not depend on the order of the tools", () => {
    expect(textOf([...DEFAULT_TOOLS].reverse())).toBe(DEFAULT_TEXT)
  })

  it("lists the prefixes of MCP tools", () => {
    expect(textOf(DEFAULT_TOOLS, ["github_", "my_db_"])).toContain(
      "\n- mcp__<server>__<tool> → tools whose names begin with github_, my_db_\n",
    )
  })

  it("does not mention MCP tools when they are called in code mode", () => {
    expect(textOf([...DEFAULT_TOOLS, toolWith("execute", "", ["code"])], ["github_"])).toBe(DEFAULT_TEXT)
  })

  it.each([
    ["edit", PATCH_TOOLS, "- write_file, edit, replace → apply_patch(patchText)"],
    [
      "list_directory",
      [...DEFAULT_TOOLS, toolWith("list", "Lists files and directories", [], ["path", "ignore"])],
      "- list_directory → list(path?, ignore?)",
    ],
    [
      "list_directory",
      [toolWith("read", "Reads a file.", ["filePath"]), toolWith("glob", "", ["pattern"])],
      "- list_directory, glob → glob(pattern)",
    ],
    ["web_search", [...DEFAULT_TOOLS, toolWith("websearch", "", ["query"])], "- web_search → websearch(query)"],
    ["exit_plan_mode", [...DEFAULT_TOOLS, toolWith("plan_exit", "", [])], "- exit_plan_mode → plan_exit()"],
    ["read_file", [{ id: "read" }], "- read_file, read_many_files → read; one path per call"],
    [
      "read_file",
      [...DEFAULT_TOOLS, toolWith("read", "Another plugin's.", ["path"])],
      "- read_file, read_many_files → read(path); one path per call",
    ],
  ])("maps %s to the offered tools", (name, tools, line) => {
    expect(lineOf(name, tools)).toBe(line)
  })

  it("does not map a tool that a plugin offers under a known name", () => {
    const text = textOf([...DEFAULT_TOOLS, toolWith("web_search", "", ["q"]), toolWith("read_file", "", ["path"])])
    expect(text).toContain("- read_many_files, list_directory → read(")
    expect(text).toContain("Not available: exit_plan_mode, save_memory")
  })

  it("is undefined when no known tool is offered", () => {
    expect(textOf([], ["github_"])).toBeUndefined()
    expect(textOf([toolWith("invalid", "", []), toolWith("execute", "", [])])).toBeUndefined()
  })

  it("is short and has only plain characters for any tools", () => {
    const schema = fc.record(
      { properties: fc.dictionary(fc.oneof(anyText, fc.constant("path")), fc.jsonValue()), required: fc.jsonValue() },
      { requiredKeys: [] },
    )
    const known = fc.constantFrom("read", "glob", "bash", "todowrite", "execute")
    const tool = fc.record({ id: fc.oneof(known, anyText), description: anyText, parameters: schema })
    always(
      fc.property(fc.array(fc.oneof(tool, fc.jsonValue())), (tools) => {
        const text = textOf(tools) ?? ""
        return text.length < 10_000 && /^[\x20-\x7e→\n]*$/.test(text)
      }),
    )
  })
})
