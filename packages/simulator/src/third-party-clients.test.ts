import { createOpenAICompatible } from "@ai-sdk/openai-compatible"
import { jsonSchema, stepCountIs, streamText, tool } from "ai"
import * as oauth from "oauth4webapi"
import OpenAI from "openai"
import { expect, test } from "vitest"
import { CLIENT_ID, type SimulatorUnderTest, simulatorUnderTest } from "./test-support/simulator-under-test.ts"

const client: oauth.Client = { client_id: CLIENT_ID }
/** The library refuses http by default. The simulator is on loopback. */
const loopback = { [oauth.allowInsecureRequests]: true }

function serverOf({ origin }: SimulatorUnderTest): oauth.AuthorizationServer {
  return {
    issuer: origin,
    device_authorization_endpoint: `${origin}/api/v1/oauth2/device/code`,
    token_endpoint: `${origin}/api/v1/oauth2/token`,
  }
}

/** The library's device flow, with the PKCE that Qwen requires. */
async function signInByLibrary(simulator: SimulatorUnderTest): Promise<oauth.TokenEndpointResponse> {
  const server = serverOf(simulator)
  const verifier = oauth.generateRandomCodeVerifier()
  const parameters = {
    scope: "openid profile email model.completion",
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256",
  }
  const started = await oauth.processDeviceAuthorizationResponse(
    server,
    client,
    await oauth.deviceAuthorizationRequest(server, client, oauth.None(), parameters, loopback),
  )
  const poll = async () =>
    oauth.processDeviceCodeResponse(
      server,
      client,
      await oauth.deviceCodeGrantRequest(server, client, oauth.None(), started.device_code, {
        ...loopback,
        additionalParameters: { code_verifier: verifier },
      }),
    )
  await expect(poll()).rejects.toMatchObject({ error: "authorization_pending", status: 400 })
  await simulator.control("approve", { user_code: started.user_code })
  return poll()
}

test("oauth4webapi completes the device flow with PKCE, refreshes, and is refused a used refresh token", async () => {
  const simulator = await simulatorUnderTest()
  const server = serverOf(simulator)
  const first = await signInByLibrary(simulator)
  expect(first).toMatchObject({ token_type: "bearer", expires_in: 21_600, resource_url: `${simulator.origin}/v1` })

  const refresh = async () =>
    oauth.processRefreshTokenResponse(
      server,
      client,
      await oauth.refreshTokenGrantRequest(server, client, oauth.None(), first.refresh_token ?? "", loopback),
    )
  const second = await refresh()
  expect(second.refresh_token).not.toBe(first.refresh_token)
  expect((await simulator.chat(second.access_token)).status).toBe(200)
  await expect(refresh()).rejects.toMatchObject({ error: "invalid_request", status: 400 })
})

async function openAiFor(simulator: SimulatorUnderTest): Promise<OpenAI> {
  const { access_token } = await simulator.signIn()
  return new OpenAI({ baseURL: `${simulator.origin}/v1`, apiKey: String(access_token), maxRetries: 0 })
}

const systemMessage = {
  role: "system" as const,
  content: [{ type: "text" as const, text: "You are helpful.\nWorking directory: /home/person/project" }],
}
const writeParameters = {
  type: "object" as const,
  properties: { filePath: { type: "string" as const }, content: { type: "string" as const } },
  required: ["filePath", "content"],
}
const writtenFile = { filePath: "/home/person/project/hello.txt", content: "Hello, world!\n" }

test("openai streams text with usage, and lists the models", async () => {
  const openai = await openAiFor(await simulatorUnderTest())
  const stream = openai.chat.completions.stream({
    model: "coder-model",
    messages: [systemMessage, { role: "user", content: "What is 6 * 7?" }],
    stream_options: { include_usage: true },
  })
  expect(await stream.finalContent()).toBe("6 * 7 = 42")
  expect((await stream.totalUsage()).total_tokens).toBeGreaterThan(0)
  const models = await openai.models.list()
  expect(models.data.map((model) => model.id)).toContain("vision-model")
})

test("openai streams a tool call and parses an error", async () => {
  const simulator = await simulatorUnderTest()
  const openai = await openAiFor(simulator)
  const stream = openai.chat.completions.stream({
    model: "coder-model",
    messages: [systemMessage, { role: "user", content: "create a hello world file" }],
    tools: [{ type: "function", function: { name: "write", parameters: writeParameters } }],
  })
  const [call] = (await stream.finalMessage()).tool_calls ?? []
  expect(call?.type === "function" && JSON.parse(call.function.arguments)).toEqual(writtenFile)

  await simulator.control("expire-tokens")
  const refused = openai.chat.completions.create({ model: "coder-model", messages: [systemMessage] })
  await expect(refused).rejects.toBeInstanceOf(OpenAI.AuthenticationError)
})

/** The AI SDK's provider, with the system message in the form that the OAuth route requires. */
async function qwenFor(simulator: SimulatorUnderTest) {
  const { access_token } = await simulator.signIn()
  return createOpenAICompatible({
    name: "qwen",
    baseURL: `${simulator.origin}/v1`,
    apiKey: String(access_token),
    includeUsage: true,
    transformRequestBody: (body) => ({ ...body, messages: [systemMessage, ...body["messages"]] }),
  })
}

test("the AI SDK streams reasoning, text and usage", async () => {
  const simulator = await simulatorUnderTest()
  await simulator.scenario({ chat: { reasoning: true } })
  const qwen = await qwenFor(simulator)
  const result = streamText({ model: qwen("coder-model"), prompt: "What is 6 * 7?", maxRetries: 0 })
  expect(await result.text).toBe("6 * 7 = 42")
  expect(await result.reasoningText).toContain("What is 6 * 7?")
  expect(await result.finishReason).toBe("stop")
  expect((await result.usage).inputTokens).toBeGreaterThan(0)
})

test("the AI SDK runs a tool and gets an answer about its result", async () => {
  const simulator = await simulatorUnderTest()
  const qwen = await qwenFor(simulator)
  const written: unknown[] = []
  const write = tool({
    inputSchema: jsonSchema<typeof writtenFile>(writeParameters),
    execute: async (file) => {
      written.push(file)
      return "Wrote file successfully."
    },
  })
  const result = streamText({
    model: qwen("coder-model"),
    prompt: "create a hello world file",
    tools: { write },
    stopWhen: stepCountIs(3),
    maxRetries: 0,
  })
  expect(await result.text).toBe("Done: I wrote /home/person/project/hello.txt.")
  expect(written).toEqual([writtenFile])
  expect(await result.steps).toHaveLength(2)
})
