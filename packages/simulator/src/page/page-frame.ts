import { createHash } from "node:crypto"
import { htmlReply, type Reply } from "../http/reply.ts"
import { pageStyle } from "./page-style.ts"

/** One state of the page: its title and the inside of its `main`, already escaped. */
export interface PageContent {
  status: number
  /** The title of the browser's tab. */
  title: string
  main: string
  /** `undefined` when the page needs no script. */
  script?: PageScript
}

/** The script that runs when the page has loaded. */
interface PageScript {
  text: string
  /** The other origin that the script may call. */
  connect: string
}

const HEADERS = {
  "cache-control": "no-store",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
}

/** The complete document for one state of the page. */
export function pageReply({ status, title, main, script }: PageContent): Reply {
  const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · Qwen simulator</title>
<style>${pageStyle}</style>
</head>
<body>
<main>
<p class="brand">
<svg viewBox="0 0 24 24" aria-hidden="true"><path d="M12 2.5 20.2 7.2v9.6L12 21.5 3.8 16.8V7.2z"/><path d="m12 12 8-4.6M12 12v9.2M12 12 4 7.4"/></svg>
Qwen <span>Simulator</span>
</p>
${main}
</main>
<footer>This is a simulator on your own machine. No account is involved and nothing leaves it.</footer>
${script === undefined ? "" : `<script>${script.text}</script>\n`}</body>
</html>
`
  return htmlReply(status, html, { "content-security-policy": contentSecurityPolicy(script), ...HEADERS })
}

/** Permits only the page's own style, script and forms, and the one origin that the script calls. No images and no framing. */
function contentSecurityPolicy(script: PageScript | undefined): string {
  return [
    "default-src 'none'",
    `style-src '${hashOf(pageStyle)}'`,
    ...(script === undefined ? [] : [`script-src '${hashOf(script.text)}'`, `connect-src 'self' ${script.connect}`]),
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join("; ")
}

function hashOf(text: string): string {
  return `sha256-${createHash("sha256").update(text).digest("base64")}`
}

/** The outcome in the heading, and what to do now. A screen reader reads the latter at once. */
export function outcome(heading: string, mood: "good" | "bad", next: string): string {
  return `<h1>${heading}</h1>
<p class="notice ${mood}" role="${mood === "good" ? "status" : "alert"}">${next}</p>`
}
