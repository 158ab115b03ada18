/** The answer to a typical first message, or `undefined` for other prompts. */
export function smallTalk(prompt: string, model: string): string | undefined {
  if (
    /^(hi|hello|hey|hallo|good (morning|afternoon|evening)|你好)\b[\s\w,]{0,20}[!.?]*$/iu.test(prompt) ||
    prompt === "你好"
  ) {
    return "Hello! I am Qwen, played by a simulator on your own machine. What shall we build today?"
  }
  if (/\b(who|what) are you\b|\bwhat(?:'s| is) your name\b|\bwhich model\b/i.test(prompt)) {
    return `I am Qwen (${model}), played by the simulator on your own machine. I know a few tricks: small sums, writing files, describing images.`
  }
  if (/^(thanks|thank you|thx|great|perfect)\b[^?]{0,40}$/i.test(prompt)) {
    return "You are welcome. Tell me when there is more to do."
  }
  return echo(prompt)
}

/** "Reply with exactly: pong" and similar prompts. */
function echo(prompt: string): string | undefined {
  const wanted =
    /^(?:please )?(?:say|repeat|(?:reply|answer|respond)(?: only| just)? with)(?: exactly| only| just)?(?: the words?)?:?\s+(.{1,200})$/i.exec(
      prompt,
    )?.[1]
  const reply = wanted?.replace(/[.!]$/, "").replace(/^["'“‘`](.*)["'”’`]$/, "$1")
  return reply === undefined || reply === "" ? undefined : reply
}

/** The answer to any other prompt. It says that the simulator answers. */
export function generalAnswer(prompt: string): string {
  const sentence = prompt.split(/(?<=[.?!])\s|\n/)[0]?.replace(/[.?!]+$/, "") ?? ""
  const topic = sentence.length > 80 ? `${sentence.slice(0, 77).trimEnd()}…` : sentence
  if (topic === "") return "I am listening. Ask me something, or ask me to write a file."
  return `About “${topic}”: take it in small steps and check each one before the next. I am the Qwen simulator, so for a deeper answer ask the real model once you are signed in.`
}
