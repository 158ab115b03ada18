import { createHash } from "node:crypto"
import { htmlReply, type Reply } from "../http/reply.ts"
import { pageStyle } from "./page-style.ts"

/** One state of the page: its title and the inside of its `main`, already escaped. */
export interface PageContent {
  status: number
  /** Of the browser's tab. */
  title: string
  main: string
  /** Undefined: the page works without. */
  script?: PageScript
}

/** What runs once the page is there. */
interface PageScript {
  text: string
  /** The origin it may call beside its own. */
  connect: string
}

const HEADERS = {
  "cache-control": "no-store",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
}

/** The whole document around one state of the page. */
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

/** Only our own style, script and forms back to us, and the one call a script is for; no image, no frame around it. */
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
