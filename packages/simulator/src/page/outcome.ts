/** The outcome in the heading, and what to do now. A screen reader reads the latter at once. */
export function outcome(heading: string, mood: "good" | "bad", next: string): string {
  return `<h1>${heading}</h1>
<p class="notice ${mood}" role="${mood === "good" ? "status" : "alert"}">${next}</p>`
}
