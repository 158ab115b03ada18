import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { authorizationServer, credentialFile, type Fetch, nodePlatform } from "qwen-auth-core"
import { CODER_MODEL, CredentialManager, createQwenFetch, startDeviceSignIn } from "qwen-auth-core/internal"
import { approve, expectOneRefresh, type Stage, StageFailed } from "./stage.ts"

const CHAT_URL = "https://portal.qwen.ai/v1/chat/completions"

/** Runs the main job with the library alone, as a program that uses it does. */
export async function playWithLibrary(stage: Stage): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "qwen-sign-in-"))
  try {
    const { QWEN_OAUTH_BASE_URL: baseUrl, QWEN_API_BASE_URL: apiBaseUrl } = stage.simulator.env
    const platform = nodePlatform()
    const server = authorizationServer({ baseUrl })
    const store = credentialFile(join(folder, "qwen", "oauth_token.json"), { platform })
    const credentials = new CredentialManager({ platform, server, store })
    const qwenFetch = createQwenFetch({ platform, credentials, userAgent: "qwen-sign-in-demo", apiBaseUrl })

    stage.tell.step("Signing in with the library")
    const signIn = await startDeviceSignIn({ platform, server, signal: stage.signal })
    stage.tell.screen(`Go to: ${signIn.authorization.verificationUriComplete}\n`)
    stage.tell.screen(`and check that it shows this code: ${signIn.authorization.userCode}\n`)
    await approve(stage, signIn.authorization.userCode)
    const credential = await signIn.wait(stage.signal)
    await credentials.setCredential(credential)
    stage.tell.screen("Signed in.\n")

    await ask(stage, qwenFetch, "Hello! Who are you?")
    stage.tell.step("Six hours later: the access token has expired, here and at the server")
    await credentials.setCredential({ ...credential, expiresAt: platform.now() - 1000 })
    await stage.simulator.control("expire-tokens")
    await ask(stage, qwenFetch, "What is 6 times 7?")
    await expectOneRefresh(stage)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function ask(stage: Stage, qwenFetch: Fetch, text: string): Promise<void> {
  stage.tell.step(`Asking: ${text}`)
  const messages = [{ role: "user", content: text }]
  const response = await qwenFetch(CHAT_URL, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ model: CODER_MODEL.id, messages, stream: true }),
    signal: stage.signal,
  })
  if (!response.ok || response.body === null) throw new StageFailed(`No answer: ${await response.text()}`)
  for await (const piece of contentPieces(response.body)) stage.tell.screen(piece)
  stage.tell.screen("\n")
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
