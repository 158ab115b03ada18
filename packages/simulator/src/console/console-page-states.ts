import type { ConsoleHost, Site } from "../hosts/host.ts"
import { outcome, type PageContent } from "../page/page-frame.ts"
import { consoleScript } from "./console-script.ts"
import type { Notice } from "./notice.ts"

const SITE_NAMES: Readonly<Record<Site, string>> = {
  international: "Alibaba Cloud Model Studio (international)",
  china: "Alibaba Cloud Bailian (China)",
}

/** Asks the user. The outcomes are templates in the page, so the script contains no texts. */
export function askingPage({ name, site }: ConsoleHost, { port, state }: Notice): PageContent {
  const program = `127.0.0.1:${port}`
  return {
    status: 200,
    title: "Allow an API key",
    script: { text: consoleScript, connect: `http://${program}` },
    main: `<noscript><p class="notice bad">This page needs JavaScript to hand over the key.</p></noscript>
<div id="ask" data-callback="http://${program}/?state=${state}">
<h1>Give your app an API key?</h1>
<p class="site">${SITE_NAMES[site]}<br><span>${name.replaceAll(".", ".<wbr>")}</span></p>
<p id="what">The program on this computer that opened this page (${program}) will get a
<strong>pay-as-you-go API key</strong>. What it sends with that key can cost money.</p>
<div class="buttons">
<button type="button" class="main" aria-describedby="what">Allow</button>
<button type="button">Cancel</button>
</div>
<p class="working" id="working" role="status"></p>
${outcomes(program)}
</div>`,
  }
}

/** The page for an invalid link. It repeats nothing from the link. */
export function refusedLinkPage(): PageContent {
  return {
    status: 400,
    title: "Not a sign-in link",
    main: outcome(
      "This is not a sign-in link",
      "bad",
      "A key is only handed to a program on this computer that asks for it. Start the sign-in again in your app.",
    ),
  }
}

/** The names of the templates in the script. */
function outcomes(program: string): string {
  const unreached = `Nothing could be sent to ${program} on this computer. Check that your app still waits there, then start the sign-in again.`
  const all = {
    taken: outcome("Your app has its key", "good", "You can close this window and go back to your app."),
    refused: outcome("Your app did not take the key", "bad", "It refused. Start the sign-in again in your app."),
    unreached: outcome("Your app could not be reached", "bad", unreached),
    unmade: outcome("No key could be made", "bad", "Nothing was sent to your app. Reload this page to try again."),
    cancelled: outcome("Cancelled", "bad", "Nothing was sent to your app. You can close this window."),
  }
  return Object.entries(all)
    .map(([name, content]) => `<template id="${name}">${content}</template>`)
    .join("\n")
}
