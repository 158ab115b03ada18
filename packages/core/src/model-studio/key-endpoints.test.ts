import { describe, expect, it } from "vitest"
import { endpointLabel, PLANS } from "../catalog/plans.ts"
import { parseApiEndpoint } from "./endpoint-address.ts"
import { endpointsFor, type KeyHint } from "./key-endpoints.ts"

const PLAN_ENDPOINTS = [
  "Coding Plan (international)",
  "Coding Plan (China)",
  "Token Plan (international)",
  "Token Plan (China)",
]
const PAID_ENDPOINTS = [
  "Pay as you go (international)",
  "Pay as you go (China)",
  "Pay as you go (US)",
  "Pay as you go (Hong Kong)",
]

describe("endpointsFor", () => {
  it.each([
    ["plan", PLAN_ENDPOINTS],
    ["standard", PAID_ENDPOINTS],
    ["workspace", PAID_ENDPOINTS],
  ] as const)("returns all endpoints for the kind %s", (kind, endpoints) => {
    expect(endpointsFor(kind).map(endpointLabel)).toEqual(endpoints)
  })

  it.each([
    ["plan", { plan: "coding-plan" }, ["Coding Plan (international)", "Coding Plan (China)"]],
    ["plan", { plan: "token-plan", region: "china" }, ["Token Plan (China)"]],
    ["plan", { region: "international" }, ["Coding Plan (international)", "Token Plan (international)"]],
    ["standard", { region: "us" }, ["Pay as you go (US)"]],
    ["standard", { plan: "pay-as-you-go" }, PAID_ENDPOINTS],
    ["plan", { plan: undefined, region: undefined, endpoint: undefined }, PLAN_ENDPOINTS],
    // The plan has no endpoint in that region, or the plan has another kind of key.
    ["plan", { region: "us" }, []],
    ["plan", { plan: "pay-as-you-go" }, []],
    ["standard", { plan: "coding-plan" }, []],
  ] satisfies ["plan" | "standard", KeyHint, string[]][])(
    "for the kind %s, applies the hint %j",
    (kind, hint, endpoints) => {
      expect(endpointsFor(kind, hint).map(endpointLabel)).toEqual(endpoints)
    },
  )

  it("returns only the endpoint of the hint if it has one, whatever its plan and region", () => {
    const workspace = parseApiEndpoint("ws-1.cn-beijing.maas.aliyuncs.com")
    for (const kind of ["plan", "standard", "workspace"] as const) {
      expect(endpointsFor(kind, { endpoint: workspace, plan: "coding-plan", region: "us" })).toEqual([workspace])
    }
  })

  it("covers every endpoint of the catalogue", () => {
    const endpoints = [...endpointsFor("plan"), ...endpointsFor("standard")]
    expect(new Set(endpoints)).toEqual(new Set(PLANS.flatMap(({ endpoints: each }) => each)))
  })
})
