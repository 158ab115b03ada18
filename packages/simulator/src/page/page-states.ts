import { SCOPES } from "../oauth/client.ts"
import type { DeviceAuthorization } from "../oauth/device-authorizations.ts"
import { outcome, type PageContent } from "./page-frame.ts"

/** The page for a sign-in in any state. */
export function authorizationPage(authorization: DeviceAuthorization): PageContent {
  switch (authorization.state) {
    case "pending":
      return pendingPage(authorization)
    case "approved":
      return ended("Approved", "You are signed in", "good", "You can close this page and go back to your app.")
    case "denied":
      return ended("Denied", "Access denied", "bad", "The app was not signed in. You can close this page.")
    case "expired":
      return ended("Code expired", "This code has expired", "bad", "Start the sign-in again in your app.")
    case "used":
      return ended("Already used", "This code was already used", "bad", "If you need to, sign in again in your app.")
  }
}

/** Asks for the code. `unknownCode` is a code that was entered and is not known. */
export function codeEntryPage(unknownCode?: string): PageContent {
  const given = unknownCode === undefined ? "" : escapeHtml(unknownCode)
  const alert =
    unknownCode === undefined
      ? ""
      : `<p class="notice bad" role="alert" id="wrong">No sign-in has the code <strong>${given}</strong>. Check it in your app.</p>`
  const described = unknownCode === undefined ? "" : ' aria-invalid="true" aria-describedby="wrong"'
  return {
    status: unknownCode === undefined ? 200 : 404,
    title: unknownCode === undefined ? "Connect an app" : "Unknown code",
    main: `<h1>Connect an app</h1>
${alert}
<form method="get" action="authorize">
<label for="user_code">Code shown by your app</label>
<input id="user_code" name="user_code" value="${given}" placeholder="ABCD-EFGH" required maxlength="32"
  autocomplete="off" autocapitalize="characters" spellcheck="false" autofocus${described}>
<div class="buttons"><button class="main">Continue</button></div>
</form>`,
  }
}

function pendingPage(authorization: DeviceAuthorization): PageContent {
  const scopes = authorization.scopes.map((scope) => `<li>${escapeHtml(SCOPES[scope] ?? scope)}</li>`).join("\n")
  return {
    status: 200,
    title: "Approve sign-in",
    main: `<h1>Sign in to your app?</h1>
<p class="quiet" id="check">Go on only if your app shows this same code.</p>
<p class="code">${authorization.userCode}</p>
<h2>The app (client “qwen-code”) asks to</h2>
<ul>
${scopes}
</ul>
<form method="post" action="authorize">
<input type="hidden" name="user_code" value="${authorization.userCode}">
<div class="buttons">
<button class="main" name="decision" value="approve" aria-describedby="check">Approve</button>
<button name="decision" value="deny">Deny</button>
</div>
</form>`,
  }
}

function ended(title: string, heading: string, mood: "good" | "bad", next: string): PageContent {
  return { status: 200, title, main: outcome(heading, mood, next) }
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
}

/** Escapes text for HTML content and quoted attributes. */
function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character)
}
