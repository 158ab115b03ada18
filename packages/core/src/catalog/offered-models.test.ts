import { describe, expect, it } from "vitest"
import { isChatModel, offeredModels } from "./offered-models.ts"
import { planModels } from "./plan-models.ts"

const ids = (live: readonly string[] | undefined) => offeredModels("token-plan", "china", live).map(({ id }) => id)

describe("the models that a key is offered", () => {
  it.each([
    ["none are listed", undefined],
    ["the list is empty", []],
    ["none of the listed models chats", ["text-embedding-v4", "wan2.6-t2v"]],
    ["other models answer for all listed models", ["qwen3.8-max-preview"]],
  ])("are the catalogue's when %s", (_, live) => {
    expect(offeredModels("token-plan", "china", live)).toEqual(planModels("token-plan", "china"))
  })

  it("are the listed models: known ones in the catalogue's order, then the others by id, each once", () => {
    expect(ids(["zebra-1", "qwen3.7-plus", "alpaca-2", "glm-5.3", "zebra-1", "auto", "glm-5.3"])).toEqual([
      "glm-5.3",
      "qwen3.7-plus",
      "auto",
      "alpaca-2",
      "zebra-1",
    ])
  })

  it("have the catalogue's facts if they are known, and cautious facts otherwise", () => {
    const [known, unknown, vision] = offeredModels("coding-plan", "china", ["glm-5", "new-model", "new-vl-model"])
    expect(known).toBe(planModels("coding-plan", "china").find(({ id }) => id === "glm-5"))
    expect(unknown).toEqual({
      id: "new-model",
      name: "new-model",
      contextTokens: 131_072,
      outputTokens: 8_192,
      imageInput: false,
      videoInput: false,
      pdfInput: false,
      replaysThinking: false,
    })
    expect(vision).toMatchObject({ imageInput: true })
  })

  it("include neither models that others answer for, nor other kinds of models", () => {
    expect(ids(["qwen3.8-max-preview", "qwen3.8-max", "happyoyster-1.0", "fun-music-v1"])).toEqual(["qwen3.8-max"])
  })
})

describe("isChatModel", () => {
  it.each([
    ...["text-embedding-v4", "qwen3-rerank", "gte-rerank-v2", "qwen-image-plus", "qwen-image-edit", "z-image-turbo"],
    ...[
      "wan2.5-t2v-preview",
      "wanx2.1-i2v-turbo",
      "wan2.6-r2v",
      "wan2.6-image",
      "happyhorse-1.0-t2v",
      "happyoyster-1.0",
    ],
    ...["qwen3-tts-flash", "qwen3-asr-flash", "fun-asr", "paraformer-v2", "cosyvoice-v3-plus", "qwen-voice-enrollment"],
    ...["qwen-vl-ocr", "qwen3-omni-flash-realtime", "qwen-omni-turbo-realtime", "qwen-mt-plus", "fun-music-v1"],
    ...["qwen3-livetranslate-flash-realtime", "gui-plus", "farui-plus", "tongyi-intent-detect-v3", "speech-01"],
    ...["qwen-audio-turbo", "pixverse/video-1", "kling/kling-v3-i2v", "qwen3-s2s", "Wan2.6-T2V"],
  ])("returns false for %s", (id) => expect(isChatModel(id)).toBe(false))

  it.each([
    ...["qwen-plus", "qwen-max-latest", "qwen-turbo", "qwen-long", "qwq-plus", "qvq-max", "qwen-plus-2025-07-28"],
    ...["qwen3-235b-a22b-instruct-2507", "qwen3-next-80b-a3b-thinking", "qwen2.5-vl-72b-instruct", "qwen-math-plus"],
    ...["deepseek-v3.1", "deepseek-r1-distill-llama-70b", "kimi-k2-thinking", "Moonshot-Kimi-K2-Instruct", "glm-4.6"],
    ...[
      "auto",
      "MiniMax/MiniMax-M2.7",
      "siliconflow/deepseek-v3.2",
      "swan-1",
      "taiwan-llm",
      "gmt-4",
      "constructor",
      "",
    ],
  ])("returns true for %s", (id) => expect(isChatModel(id)).toBe(true))
})
