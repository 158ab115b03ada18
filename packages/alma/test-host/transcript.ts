import type { Shown } from "./user.ts"

/** Formats what Alma showed, in order, as plain text for people to read. */
export function transcript(shown: readonly Shown[]): string {
  return shown.map((one) => lines(one).join("\n").replaceAll("\n", "\n    ")).join("\n")
}

function lines(one: Shown): (string | undefined)[] {
  switch (one.kind) {
    case "pick": {
      const rows = one.items.map(({ label, description }) => `- ${label}${description ? ` (${description})` : ""}`)
      return [`choice: ${heading(one.title, one.placeholder)}`, ...rows, `> ${one.answer ?? "(closed)"}`]
    }
    case "input":
      return [`input: ${heading(one.title, one.prompt)}`, `> ${one.answer === undefined ? "(closed)" : "(entered)"}`]
    case "confirm": {
      const answer = one.answer === undefined ? "(open)" : one.answer ? one.confirmLabel : one.cancelLabel
      return [`dialog: ${one.title ?? ""}`, one.text, `[${one.confirmLabel}] [${one.cancelLabel}]`, `> ${answer}`]
    }
    case "progress":
      return [`progress: ${one.title}`, ...one.messages]
    case "opened":
      return [`opened by ${one.by}: ${one.url}`]
    case "status bar":
      return [`status bar: ${one.text}`]
    case "notification": {
      const stays = one.duration === 0 ? " (stays)" : ""
      return [`${one.type}${stays}: ${one.text}`, ...(one.action === undefined ? [] : [`[${one.action}]`])]
    }
    default:
      return [`${one.kind}: ${one.text}`]
  }
}

function heading(title: string | undefined, rest: string | undefined): string {
  return [title, rest].filter((text) => text !== undefined).join(" — ")
}
