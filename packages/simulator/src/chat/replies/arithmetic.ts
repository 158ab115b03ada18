const NUMBER = String.raw`(-?\d+(?:\.\d+)?)`
const OPERATOR = String.raw`(\+|-|−|\*|×|x|/|÷|plus|minus|times|multiplied by|divided by)`
const SUM = new RegExp(`(?<![\\w.-])${NUMBER}\\s*${OPERATOR}\\s*${NUMBER}(?![\\w-]|\\.\\d)`, "i")
/** A date or a version is not a sum: the prompt must ask for a result or consist only of the sum. */
const ASKS = /\b(what|how much|calculate|compute|evaluate|result|sum)\b|=/i

/** The answer to a small sum in a prompt; `undefined` without one. */
export function sumAnswer(prompt: string): string | undefined {
  const found = SUM.exec(prompt)
  const [sum, left, operator, right] = found ?? []
  if (sum === undefined || left === undefined || operator === undefined || right === undefined) return undefined
  if (!ASKS.test(prompt) && prompt.replace(/[?!.\s]+$/, "").trim() !== sum) return undefined
  return answer(sum, Number(left), operator.toLowerCase(), Number(right))
}

function answer(sum: string, left: number, operator: string, right: number): string {
  const result = calculated(left, operator, right)
  if (!Number.isFinite(result)) return `${sum} has no answer: nothing can be divided by zero.`
  return `${sum} = ${Number(result.toFixed(10))}`
}

function calculated(left: number, operator: string, right: number): number {
  switch (operator) {
    case "+":
    case "plus":
      return left + right
    case "-":
    case "−":
    case "minus":
      return left - right
    case "/":
    case "÷":
    case "divided by":
      return left / right
    default:
      return left * right
  }
}
