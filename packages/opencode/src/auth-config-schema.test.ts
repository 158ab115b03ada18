import { readFile } from "node:fs/promises"
import { CONFIG_ENTRIES } from "qwen-auth-local/auth-config"
import { chosenCredentials } from "qwen-auth-local/credentials-choice"
import { fakePlatform } from "qwen-auth-testing/fake-platform"
import * as v from "valibot"
import { expect, it } from "vitest"

const Schema = v.object({
  properties: v.record(
    v.string(),
    v.looseObject({ enum: v.optional(v.array(v.unknown())), default: v.optional(v.unknown()) }),
  ),
  additionalProperties: v.literal(false),
})

async function schema() {
  const text = await readFile(new URL("../auth-config.schema.json", import.meta.url), "utf8")
  return v.parse(Schema, JSON.parse(text)).properties
}

it("describes exactly the entries that the plugin reads", async () => {
  expect(Object.keys(await schema()).sort()).toEqual(["$schema", ...CONFIG_ENTRIES].sort())
})

it("lists the choices that the plugin accepts, and its default", async () => {
  const { credentials } = await schema()
  const { log, logged } = fakePlatform()
  for (const choice of credentials?.enum ?? []) expect(chosenCredentials(undefined, choice, "x", log)).toBe(choice)
  expect(credentials?.default).toBe(chosenCredentials(undefined, undefined, "x", log))
  expect(logged).toEqual([])
})
