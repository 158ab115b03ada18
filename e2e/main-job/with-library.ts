import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { authorizationServer, createQwenAuth, credentialFile, type QwenAuth } from "qwen-auth-core"
import { approve, expectOneRefresh, type Stage, StageFailed } from "./stage.ts"

/** Runs the main job with the library alone, as a program that uses it does. */
export async function runWithLibrary(stage: Stage): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "qwen-sign-in-"))
  try {
    const { QWEN_OAUTH_BASE_URL: baseUrl, QWEN_API_BASE_URL: apiBaseUrl } = stage.simulator.env
    const store = credentialFile(join(folder, "qwen", "oauth_token.json"))
    const server = authorizationServer({ baseUrl })
    const qwen = createQwenAuth({ store, server, apiBaseUrl, userAgent: "qwen-sign-in-demo/1.0.0" })

    stage.print.step("Signing in with the library")
    await qwen.signIn({
      async onVerification({ verificationUriComplete, userCode }) {
        stage.print.screen(`Go to: ${verificationUriComplete}\n`)
        stage.print.screen(`and check that it shows this code: ${userCode}\n`)
        await approve(stage, userCode)
      },
      signal: stage.signal,
    })
    stage.print.screen("Signed in.\n")

    await ask(stage, qwen, "Hello! Who are you?")
    stage.print.step("Six hours later: the server no longer accepts the access token")
    await stage.simulator.control("expire-tokens")
    await ask(stage, qwen, "What is 6 times 7?")
    await expectOneRefresh(stage)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function ask(stage: Stage, qwen: QwenAuth, text: string): Promise<void> {
  stage.print.step(`Asking: ${text}`)
  const messages = [{ role: "user", content: text }]
  const response = await qwen.fetch(`${qwen.baseURL}/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ model: "coder-model", messages, stream: true }),
    signal: stage.signal,
  })
  if (!response.ok || response.body === null) throw new StageFailed(`No answer: ${await response.text()}`)
  for await (const piece of contentPieces(response.body)) stage.print.screen(piece)
  stage.print.screen("\n")
}

/** The text of a chat completion stream. */
async function* contentPieces(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  let rest = ""
  for await (const text of body.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n")
    rest = lines.pop() ?? ""
    for (const line of lines) {
      const content = /"content":("(?:[^"\\]|\\.)*")/.exec(line)?.[1]
      if (content !== undefined) yield String(JSON.parse(content))
    }
  }
}
