import { expect, test } from "vitest"
import { hostNamed, isWorkspaceId } from "./host-table.ts"

test.each([
  ["chat.qwen.ai", { kind: "qwen" }],
  ["qwen.ai", { kind: "qwen" }],
  ["PORTAL.qwen.ai", { kind: "qwen", name: "portal.qwen.ai" }],
  ["coding.dashscope.aliyuncs.com", { plan: "coding", basePath: "/v1", keyPrefix: "sk-sp-" }],
  ["token-plan.cn-beijing.maas.aliyuncs.com", { plan: "token", basePath: "/compatible-mode/v1", keyPrefix: "sk-sp-" }],
  ["cn-hongkong.dashscope.aliyuncs.com", { plan: "payg", basePath: "/compatible-mode/v1", keyPrefix: "sk-" }],
  ["ws-1.cn-beijing.maas.aliyuncs.com", { plan: "payg", basePath: "/compatible-mode/v1", keyPrefix: "sk-ws-" }],
  ["bailian.console.aliyun.com", { kind: "console", site: "china" }],
  ["", { kind: "unknown" }],
  ["evilqwen.ai", { kind: "unknown" }],
  ["a.b.qwen.ai", { kind: "unknown" }],
  ["qwen.ai.example.com", { kind: "unknown" }],
  ["x.dashscope.aliyuncs.com", { kind: "unknown" }],
  ["bucket.aliyuncs.com", { kind: "unknown" }],
  ["ws-1.eu-west-1.maas.aliyuncs.com", { kind: "unknown" }],
  ["a.ws-1.cn-beijing.maas.aliyuncs.com", { kind: "unknown" }],
  ["constructor", { kind: "unknown" }],
])("%s is %j", (name, host) => {
  expect(hostNamed(name)).toMatchObject(host)
})

test.each([
  ["ws-abc", true],
  ["a", true],
  ["token-plan", false],
  ["", false],
  ["-a", false],
  ["a-", false],
  ["a.b", false],
  ["A", false],
  ["a".repeat(64), false],
])("workspace id %j: %j", (text, valid) => {
  expect(isWorkspaceId(text)).toBe(valid)
})
