import { OAUTH_MODELS, PLANS } from "qwen-auth-core/internal"
import * as v from "valibot"
import { describe, expect, it } from "vitest"
import { CompleteModel } from "../v1/testing/own-models.ts"
import { aliasEntry, modelEntry } from "./model-entry.ts"

const FACTS = [...OAUTH_MODELS, ...PLANS.flatMap(({ models }) => models)]

describe("a model as OpenCode knows it", () => {
  it.each(FACTS)("is complete: $id ($contextTokens)", (facts) => {
    expect(v.safeParse(CompleteModel, modelEntry(facts)).issues).toBeUndefined()
  })

  it.each(FACTS)("says what $id is, and that it costs nothing beyond", (facts) => {
    expect(modelEntry(facts)).toMatchObject({
      id: facts.id,
      name: facts.name,
      api: { id: facts.id },
      capabilities: {
        reasoning: facts.thinking !== undefined,
        attachment: facts.imageInput,
        toolcall: true,
        input: { text: true, image: facts.imageInput, audio: false, video: false, pdf: false },
        output: { text: true, image: false },
      },
      limit: { context: facts.contextTokens, output: facts.outputTokens },
      cost: { input: 0, output: 0 },
      status: "active",
    })
  })

  it("under another name is asked for by its own", () => {
    const [facts] = FACTS
    if (facts === undefined) throw new Error("no models")
    const entry = modelEntry(facts)
    expect(aliasEntry("other", entry, "Another")).toEqual({ ...entry, id: "other", name: "Another" })
  })
})
