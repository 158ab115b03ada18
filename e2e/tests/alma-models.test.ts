import { describe, expect } from "vitest"
import type { AlmaHost } from "../../packages/alma/test-host/load-plugin.ts"
import { ALMA_PROFILES, signInWithAccount, signInWithKey } from "../harness/alma/alma.ts"

const modelsOf = async (alma: AlmaHost) =>
  new Map((await alma.provider().getModels()).map((model) => [model.id, model]))
/** A model that the catalogue does not have. */
const NEW = "qwen9-brand-new"

describe.each(ALMA_PROFILES)("Alma $name: the models that the user has enabled", ({ it }) => {
  it("keep their capabilities with every sign-in, after a restart and without a keychain", async ({
    alma: first,
    start,
    simulator,
  }) => {
    const { key } = await simulator.apiKey("token")
    await signInWithKey(first, key)
    const data = ["qwen3.7-plus", "glm-5.2", "kimi-k2.5", NEW].map((id) => ({ id, object: "model" }))
    await simulator.control("scenario", { answers: { planModels: { queue: [{ body: { object: "list", data } }] } } })
    const enabled = await first.provider().fetchModels()
    expect(enabled.map(({ id }) => id)).toEqual(expect.arrayContaining(["qwen3.7-plus", NEW]))
    const expectAll = async (alma: AlmaHost) => {
      const known = await modelsOf(alma)
      for (const { id, capabilities } of enabled) {
        // Whether a model takes images, and how it thinks, may differ between plans. That it thinks and calls tools does not.
        expect(known.get(id)?.capabilities).toMatchObject({
          functionCalling: true,
          streaming: true,
          reasoning: capabilities.reasoning,
        })
      }
    }
    await expectAll(first)
    await signInWithAccount(first, simulator)
    await expectAll(first)
    await signInWithKey(first, (await simulator.apiKey("payg")).key)
    await expectAll(first)
    first.user.confirms(true)
    await first.run("qwen-auth.logout")
    await expectAll(first)
    await signInWithKey(first, key)
    await first.dispose()

    const { secrets, local } = first
    let unlock = () => {}
    const locked = new Promise<void>((resolve) => {
      unlock = resolve
    })
    for (const behaviour of ["works", "fails", { after: locked }] as const) {
      secrets.get = behaviour
      await expectAll(await start({ secrets, local }))
    }
    unlock()
  })

  it("are listed at once and without a sign-in", async ({ alma }) => {
    const known = await modelsOf(alma)
    expect(alma.requests).toEqual([])
    for (const id of ["qwen3-coder-plus", "qwen3-235b-a22b-instruct", "qwen3.8-max", "glm-5", "kimi-k2.5", "auto"]) {
      expect(known.get(id)?.capabilities.functionCalling).toBe(true)
    }
  })
})
