import { describe, expect, it } from "vitest"
import { QwenAuthError, type QwenAuthErrorCode } from "../errors.ts"
import { errorResponse, failureStatus } from "./error-response.ts"

const error = new QwenAuthError("rate_limited", "Too many.")

describe("an error response", () => {
  it("contains only our message and code", async () => {
    const response = errorResponse(error, 429, () => "Wait.")
    expect(response.status).toBe(429)
    expect(response.headers.get("content-type")).toBe("application/json")
    expect(await response.json()).toEqual({
      error: { message: "Wait.", code: "rate_limited", type: "qwen_auth_error" },
    })
  })

  it.each([
    [429, 5_000, "5"],
    [429, 1, "1"],
    [429, 60_000, "60"],
    [429, 3_600_000, "60"],
    [429, Number.POSITIVE_INFINITY, "60"],
    [503, 2_500, "3"],
    [429, undefined, null],
    [400, 5_000, null],
    [403, 3_600_000, null],
  ])("with status %i and a wait of %s ms has the Retry-After %j", (status, waitMs, retryAfter) => {
    expect(errorResponse(error, status, () => "Wait.", waitMs).headers.get("retry-after")).toBe(retryAfter)
  })
})

describe("failureStatus", () => {
  it.each([
    ["authentication_required", 401],
    ["credential_unusable", 401],
    ["token_refresh_failed", 401],
    ["api_key_rejected", 401],
    ["api_key_malformed", 401],
    ["endpoint_not_available", 404],
    ["token_refresh_unavailable", 503],
    ["service_unreachable", 503],
    ["certificate_not_trusted", 403],
    ["proxy_refused", 403],
    ["proxy_unusable", 403],
    ["unexpected_response", 403],
    ["redirect_refused", 403],
    ["api_key_wrong_plan", 403],
    ["sign_in_changed", 403],
    ["invalid_endpoint", 403],
  ] satisfies [QwenAuthErrorCode, number][])("maps %s to %i", (code, status) => {
    expect(failureStatus(new QwenAuthError(code, "No."))).toBe(status)
  })
})
