import { createHash } from "node:crypto"
import { isJsonObject } from "../../json.ts"
import type { ChatTool, ToolCall } from "../chat-request.ts"
import type { WantedFile } from "./wanted-files.ts"

/** A tool that writes files, and the names of its parameters. */
export interface WriteTool {
  name: string
  pathParameter: string
  contentParameter: string
  /** Other required text parameters. */
  otherRequired: string[]
}

const TOOL_NAMES = ["write", "writefile", "createfile", "filewrite"]
const PATH_NAMES = ["filepath", "path", "absolutepath", "filename", "file", "targetfile", "name"]
const CONTENT_NAMES = ["content", "contents", "text", "filetext", "filecontent", "data", "code"]

/** The tool that writes files among the tools of a request, recognised by its name and schema. */
export function findWriteTool(tools: readonly ChatTool[]): WriteTool | undefined {
  for (const tool of tools) {
    if (!TOOL_NAMES.includes(plain(tool.name))) continue
    const schema = tool.parameters
    const properties = isJsonObject(schema["properties"]) ? Object.keys(schema["properties"]) : []
    const pathParameter = pick(properties, PATH_NAMES)
    const contentParameter = pick(properties, CONTENT_NAMES)
    if (pathParameter === undefined || contentParameter === undefined) continue
    const required: unknown[] = Array.isArray(schema["required"]) ? schema["required"] : []
    const otherRequired = required.filter(
      (name): name is string => typeof name === "string" && name !== pathParameter && name !== contentParameter,
    )
    return { name: tool.name, pathParameter, contentParameter, otherRequired }
  }
  return undefined
}

/** The call that writes a file to `path`. `position` makes the call ids of one conversation unique. */
export function writeCall(tool: WriteTool, path: string, file: WantedFile, position: string): ToolCall {
  const filled = Object.fromEntries(tool.otherRequired.map((name) => [name, `Write ${file.path}`]))
  const callArguments = JSON.stringify({ ...filled, [tool.pathParameter]: path, [tool.contentParameter]: file.content })
  return { id: callId(position, tool.name, callArguments), name: tool.name, arguments: callArguments }
}

/** An id that is the same for the same call at the same position of a conversation, and different for any other. */
export function callId(...made: string[]): string {
  return `call_${createHash("sha256").update(made.join("\n")).digest("hex").slice(0, 24)}`
}

function pick(properties: readonly string[], names: readonly string[]): string | undefined {
  for (const name of names) {
    const property = properties.find((candidate) => plain(candidate) === name)
    if (property !== undefined) return property
  }
  return undefined
}

function plain(name: string): string {
  return name.toLowerCase().replace(/[^a-z]/g, "")
}
