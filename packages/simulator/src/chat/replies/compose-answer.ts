import type { ChatScenario } from "../../scenario/scenario.ts"
import { type ChatAnswer, filler, inWords } from "../chat-answer.ts"
import { type ChatMessage, type ChatRequest, type ToolCall, textOf } from "../chat-request.ts"
import { charactersOf } from "../prompt-blocks.ts"
import { afterTools } from "./after-tools.ts"
import { sumAnswer } from "./arithmetic.ts"
import { describeImage } from "./describe-image.ts"
import { generalAnswer, smallTalk } from "./small-talk.ts"
import { asksForTitle, titleFor } from "./title.ts"
import { wantedFiles } from "./wanted-files.ts"
import { pathIn, workingDirectory } from "./working-directory.ts"
import { callId, findWriteTool, writeCall } from "./write-tool.ts"

/** Composes the model's answer: the scenario's, or one that fits the question. The same request gets the same answer. */
export function composeAnswer(request: ChatRequest, scenario: ChatScenario): ChatAnswer {
  const reasoning = scenario.reasoning || request.enableThinking === true ? thinking(request) : ""
  if (scenario.chunks !== null) return { reasoning, text: filler(scenario.chunks, scenario.chunkBytes), toolCalls: [] }

  const afterResult = request.messages.at(-1)?.role === "tool"
  // A scripted call is not repeated after its result, because the host would loop forever.
  const toolCalls = afterResult ? [] : (scriptedCalls(request, scenario) ?? fileCalls(request))
  const text = scenario.reply ?? (toolCalls.length > 0 ? "" : sensibleText(request))
  return { reasoning, text: inWords(text), toolCalls }
}

function scriptedCalls(request: ChatRequest, { toolCalls }: ChatScenario): ToolCall[] | undefined {
  return toolCalls?.map(({ name, arguments: given }, index) => {
    const text = JSON.stringify(given)
    return { id: callId(positionOf(request), String(index), name, text), name, arguments: text }
  })
}

/** The calls that write the requested files, if the host has a tool for it. */
function fileCalls(request: ChatRequest): ToolCall[] {
  const tool = findWriteTool(request.tools ?? [])
  if (tool === undefined || request.toolChoice === "none") return []
  const folder = workingDirectory(request)
  return wantedFiles(promptOf(request)).map((file) =>
    writeCall(tool, pathIn(folder, file.path), file, positionOf(request)),
  )
}

function sensibleText(request: ChatRequest): string {
  const system = textOf(request.messages.find((message) => message.role === "system"))
  if (asksForTitle(request, system)) return titleFor(request)
  const prompt = promptOf(request)
  return (
    afterTools(request) ??
    imageAnswer(lastUserMessage(request)) ??
    sumAnswer(prompt) ??
    smallTalk(prompt, request.model) ??
    generalAnswer(prompt)
  )
}

function imageAnswer(message: ChatMessage | undefined): string | undefined {
  const images = message?.parts.filter((part) => part.kind === "image") ?? []
  if (images.length === 0) return undefined
  const seen = images.map((image) => `an image (${describeImage(image)})`)
  return `I see ${seen.join(" and ")}.`
}

function thinking(request: ChatRequest): string {
  const prompt = promptOf(request)
  const quoted = prompt.length > 60 ? `${prompt.slice(0, 59)}…` : prompt
  const thought = `The user says: ${quoted}. A short, direct answer is best.`
  const budget = request.thinkingBudget
  return typeof budget === "number" ? thought.slice(0, charactersOf(budget)) : thought
}

function lastUserMessage(request: ChatRequest): ChatMessage | undefined {
  return request.messages.findLast((message) => message.role === "user")
}

/** The user's question: the last user message without the text that hosts add. */
function promptOf(request: ChatRequest): string {
  const text = textOf(lastUserMessage(request))
    .replace(/<(system-reminder|environment_details)>[\s\S]*?<\/\1>/g, "")
    .trim()
  return text.replace(/^"([\s\S]*)"$/, "$1").trim()
}

/** Makes the ids of calls at different positions of a conversation different. */
function positionOf(request: ChatRequest): string {
  return `${request.messages.length}`
}
