import { createInterface } from "node:readline"

/** The only tool of this MCP server on standard input and output. Its result is fixed. */
const TOOL = {
  name: "forecast",
  description: "Tells tomorrow's weather.",
  inputSchema: { type: "object", properties: { town: { type: "string" } }, required: ["town"] },
}

/** @param {{ method: string, params?: { protocolVersion?: string } }} request */
function result({ method, params }) {
  switch (method) {
    case "initialize":
      return {
        protocolVersion: params?.protocolVersion ?? "2025-06-18",
        capabilities: { tools: {} },
        serverInfo: { name: "weather", version: "1.0.0" },
      }
    case "tools/list":
      return { tools: [TOOL] }
    case "tools/call":
      return { content: [{ type: "text", text: "It will rain." }] }
    default:
      return {}
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line)
  // A message without an id is a notification and gets no response.
  if (request.id === undefined) continue
  process.stdout.write(`${JSON.stringify({ jsonrpc: "2.0", id: request.id, result: result(request) })}\n`)
}
