import { sanitizeText } from "qwen-auth-core/internal"
import type { Usage } from "./usage.ts"

/** The record of a served request. Of the body it contains only the model's name. */
export interface RequestRecord {
  /** When it came, epoch ms. */
  readonly at: number
  readonly method: string
  /** One of the gateway's own paths; undefined for any other, which may contain anything. */
  readonly path: string | undefined
  readonly model: string | undefined
  /** undefined when the client left before the answer. */
  readonly status: number | undefined
  /** Until the end of the answer, ms. */
  readonly ms: number
  readonly usage: Usage | undefined
}

/** Returns the log line of a request, without a line break. */
export function formatRequestRecord({ at, method, path, model, status, ms, usage }: RequestRecord): string {
  const tokens = usage === undefined ? [] : [`in=${usage.input ?? "?"}`, `out=${usage.output ?? "?"}`]
  return [
    new Date(at).toISOString(),
    method,
    path ?? "(unknown path)",
    model === undefined ? "-" : sanitizeText(model, 60).replaceAll(" ", "_") || "-",
    status ?? "left",
    `${Math.round(ms)}ms`,
    ...tokens,
  ].join(" ")
}
