import { createHash } from "node:crypto"
import { htmlReply, type Reply } from "../http/reply.ts"
import { pageStyle } from "./page-style.ts"

/** One state of the page: its title and the inside of its `main`, already escaped. */
export interface PageContent {
  status: number
  /** Of the browser's tab. */
  title: string
  main: string
}

/** Only our own style and forms back to us; no script, no image, no frame around it. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash("sha256").update(pageStyle).digest("base64")}'`,
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join("; ")

const HEADERS = {
  "content-security-policy": CONTENT_SECURITY_POLICY,
  "cache-control": "no-store",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
}

/** The whole document around one state of the page. */
export function pageReply({ status, title, main }: PageContent): Reply {
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
</body>
</html>
`
  return htmlReply(status, html, HEADERS)
}
