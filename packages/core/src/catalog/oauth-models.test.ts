import { describe, expect, it } from "vitest"
import { CODER_MODEL, OAUTH_MODELS, oauthModel, VISION_MODEL } from "./oauth-models.ts"

describe("the OAuth route", () => {
  it("has two models with the service's limits", () => {
    expect(OAUTH_MODELS).toEqual([CODER_MODEL, VISION_MODEL])
    expect(CODER_MODEL).toMatchObject({ id: "coder-model", contextTokens: 1_000_000, outputTokens: 65_536 })
    expect(VISION_MODEL).toMatchObject({ id: "vision-model", contextTokens: 131_072, outputTokens: 8_192 })
    expect(VISION_MODEL.imageInput).toBe(true)
  })

  it.each([
    "coder-model",
    "qwen3-coder-plus",
    "qwen3-coder-flash",
    "qwen3-max",
    "qwen3-max-preview",
    "qwen3-235b-a22b-thinking-2507",
    "qwen3-32b",
    "qwen3.7-plus",
    "glm-5",
    "kimi-k2.5",
    "revlon-model",
    "vllm-qwen3",
    "qwen-television",
    "",
    "alibaba/coder-model",
  ])("uses coder-model for the id %j", (id) => {
    expect(oauthModel(id).id).toBe("coder-model")
  })

  it.each([
    "vision-model",
    "qwen3-vl-plus",
    "qwen-vl-max",
    "qwen-vl-ocr",
    "qwen2.5-vl-72b-instruct",
    "Qwen3-VL-Plus",
    "qvq-max",
    "qvq-72b-preview",
    "alibaba/vision-model",
    "alibaba/qwen3-vl-plus",
  ])("uses vision-model for the id %j", (id) => {
    expect(oauthModel(id).id).toBe("vision-model")
  })
})
