/**
 * The script of the console's page: it gets the document from its own host, sends it to the program across origins, and shows
 * the outcome. The script is the same for every page; the page contains the address of the program.
 */
export const consoleScript = `
const ask = document.getElementById("ask")
const buttons = [...ask.querySelectorAll("button")]
const [allow, cancel] = buttons

function show(outcome) {
  ask.replaceWith(document.getElementById(outcome).content)
  const heading = document.querySelector("h1")
  document.title = heading.textContent
  heading.tabIndex = -1
  heading.focus()
}

async function handOver() {
  try {
    const made = await fetch("console-login/key", { method: "POST" })
    if (!made.ok) return "unmade"
    const body = await made.text()
    const headers = { "content-type": "application/json" }
    const answer = await fetch(ask.dataset.callback, { method: "POST", headers, body }).catch(() => undefined)
    if (answer === undefined) return "unreached"
    return answer.ok ? "taken" : "refused"
  } catch {
    return "unmade"
  }
}

allow.addEventListener("click", async () => {
  for (const button of buttons) button.disabled = true
  document.getElementById("working").textContent = "Handing the key to your app…"
  show(await handOver())
})
cancel.addEventListener("click", () => show("cancelled"))
`
