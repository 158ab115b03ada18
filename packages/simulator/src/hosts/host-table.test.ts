import { expect, test } from "vitest"
import { hostNamed, isWorkspaceId } from "./host-table.ts"

test.each([
  ["chat.qwen.ai", { kind: "qwen" }],
  ["qwen.ai", { kind: "qwen" }],
  ["PORTAL.qwen.ai", { kind: "qwen", name: "portal.qwen.ai" }],
  ["coding.dashscope.aliyuncs.com", { plan: "coding", region: "china", basePath: "/v1" }],
  ["token-plan.cn-beijing.maas.aliyuncs.com", { plan: "token", region: "china", basePath: "/compatible-mode/v1" }],
  ["token-plan.maas.qwencloudapi.com", { plan: "token", region: "international", basePath: "/compatible-mode/v1" }],
  ["token-plan.maas.qianwenaiapi.com", { plan: "token", region: "china", basePath: "/compatible-mode/v1" }],
  ["maas.qwencloudapi.com", { plan: "payg", region: "international", basePath: "/compatible-mode/v1" }],
  ["MAAS.qianwenaiapi.com", { plan: "payg", region: "china", basePath: "/compatible-mode/v1" }],
  ["cn-hongkong.dashscope.aliyuncs.com", { plan: "payg", region: "hongkong", audience: "region" }],
  ["ws-1.cn-beijing.maas.aliyuncs.com", { plan: "payg", region: "china", audience: "workspace" }],
  ["ws-1.ap-northeast-1.maas.aliyuncs.com", { plan: "payg", region: "tokyo", audience: "workspace" }],
  ["ws-1.eu-central-1.maas.aliyuncs.com", { plan: "payg", region: "frankfurt", audience: "workspace" }],
  ["ws-1.us-east-1.maas.aliyuncs.com", { plan: "payg", region: "us", audience: "workspace" }],
  ["ws-1.us-west-1.maas.aliyuncs.com", { plan: "payg", region: "us", audience: "workspace" }],
  ["ws-1.cn-hongkong.maas.aliyuncs.com", { plan: "payg", region: "hongkong", audience: "workspace" }],
  ["trial.ap-southeast-1.maas.aliyuncs.com", { plan: "payg", region: "international", audience: "trial" }],
  ["bailian.console.aliyun.com", { kind: "console", site: "china" }],
  ["", { kind: "unknown" }],
  ["evilqwen.ai", { kind: "unknown" }],
  ["a.b.qwen.ai", { kind: "unknown" }],
  ["qwen.ai.example.com", { kind: "unknown" }],
  ["x.dashscope.aliyuncs.com", { kind: "unknown" }],
  ["bucket.aliyuncs.com", { kind: "unknown" }],
  ["ws-1.eu-west-1.maas.aliyuncs.com", { kind: "unknown" }],
  ["trial.eu-central-1.maas.aliyuncs.com", { kind: "unknown" }],
  ["xmaas.qwencloudapi.com", { kind: "unknown" }],
  ["x.maas.qwencloudapi.com", { kind: "unknown" }],
  ["maas.qwencloudapi.com.evil.test", { kind: "unknown" }],
  ["qwencloudapi.com", { kind: "unknown" }],
  ["a.ws-1.cn-beijing.maas.aliyuncs.com", { kind: "unknown" }],
  ["constructor", { kind: "unknown" }],
])("%s is %j", (name, host) => {
  expect(hostNamed(name)).toMatchObject(host)
})

test.each([
  ["ws-abc", true],
  ["a", true],
  ["token-plan", false],
  ["trial", false],
  ["", false],
  ["-a", false],
  ["a-", false],
  ["a.b", false],
  ["A", false],
  ["a".repeat(64), false],
])("workspace id %j: %j", (text, valid) => {
  expect(isWorkspaceId(text)).toBe(valid)
})
