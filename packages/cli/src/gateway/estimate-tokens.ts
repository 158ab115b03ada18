/**
 * Estimates tokens without a tokenizer's tables of several megabytes. A byte-pair tokenizer of Qwen's kind first cuts a
 * text into words, digits, punctuation and blank space, and never joins across these cuts: their number is a lower
 * bound. The cost of each piece is estimated high, because a client that counts too low overfills the context:
 *
 * - a word: one token up to 7 letters, one more for each 3 further; inner capitals begin a new word. In a language that
 *   the tokenizer was not made for (Polish, Swahili, …), a token for 2.4 letters
 * - a digit: one token, as in Qwen's tokenizer, and one for a space before it
 * - punctuation: one token for two characters in a row
 * - blank space: one space belongs to the next word; line breaks with indentation are one or two tokens
 * - Chinese: 0.75 tokens a character (Qwen's models need 0.6 to 0.7 for ordinary text); kana, Hangul and other scripts
 *   without spaces: 1; the scripts of India, Tibet, Ethiopia, Georgia and Armenia: 1.4; Russian Cyrillic: 0.5; other
 *   Cyrillic, accented Latin and Greek: 0.9
 * - everything beyond the basic plane (emoji): 3 a code point, other signs: 2
 * - a long run of letters and digits that mixes all kinds (base64, hashes): 0.8 a character
 *
 * Then {@link MARGIN} is added. The estimate for English, code and JSON is thereby 5 to 80 % above the real number.
 */
export function estimateTokens(text: string): number {
  const wordCost = isFamiliar(text) ? familiarWordCost : unfamiliarWordCost
  let tokens = 0
  let at = 0
  while (at < text.length) {
    const kind = kindOf(text.charCodeAt(at))
    const end = endOfPiece(text, at, kind)
    tokens += kind === WORD || kind === DIGIT ? runCost(text, at, end, wordCost) : pieceCost(kind, end - at)
    // The last space of several belongs to the next word, but to no digit.
    if (kind === SPACE && kindOf(text.charCodeAt(end)) === DIGIT) tokens += 1
    at = end
  }
  return Math.ceil(tokens * MARGIN)
}

const MARGIN = 1.1

const WORD = 0
const DIGIT = 1
const SIGN = 2
const SPACE = 3
const BREAK = 4
const ACCENTED = 5
const IDEOGRAPH = 6
const SYLLABLE = 7
const RARE = 8
const SURROGATE = 9
const CYRILLIC = 10
const DENSE = 11

/** The first code of each kind beyond ASCII. */
const KINDS: readonly (readonly [from: number, kind: number])[] = [
  [0x0080, RARE],
  [0x00a0, SIGN],
  [0x00c0, ACCENTED],
  [0x0400, CYRILLIC],
  [0x0450, ACCENTED],
  [0x0530, DENSE],
  [0x0590, SYLLABLE],
  [0x0900, DENSE],
  [0x0e00, SYLLABLE],
  [0x0f00, DENSE],
  [0x1e00, ACCENTED],
  [0x2000, RARE],
  [0x3000, SIGN],
  [0x3040, SYLLABLE],
  [0x3400, IDEOGRAPH],
  [0xa000, SYLLABLE],
  [0xd800, SURROGATE],
  [0xe000, RARE],
  [0xf900, IDEOGRAPH],
  [0xfb00, SYLLABLE],
  [0xff00, SIGN],
  [0xff66, SYLLABLE],
]

const ASCII_KINDS = Uint8Array.from({ length: 128 }, (_, code) => {
  const character = String.fromCharCode(code)
  if (/[A-Za-z]/.test(character)) return WORD
  if (/\d/.test(character)) return DIGIT
  if (/[\r\n]/.test(character)) return BREAK
  if (/\s/.test(character)) return SPACE
  return code < 32 ? RARE : SIGN
})

function kindOf(code: number): number {
  return ASCII_KINDS[code] ?? KINDS.findLast(([from]) => code >= from)?.[1] ?? RARE
}

function endOfPiece(text: string, start: number, kind: number): number {
  let end = start + 1
  while (end < text.length && belongs(kindOf(text.charCodeAt(end)), kind)) end += 1
  return end
}

/** Letters and digits form one piece, because text that looks random must be counted as a whole. */
function belongs(kind: number, first: number): boolean {
  const alphanumeric = kind === WORD || kind === DIGIT
  return first === WORD || first === DIGIT ? alphanumeric : kind === first
}

function pieceCost(kind: number, length: number): number {
  switch (kind) {
    case SIGN:
      return Math.ceil(length / 2)
    case SPACE:
      return Math.ceil((length - 1) / 16)
    case BREAK:
      return 1
    case ACCENTED:
      return Math.max(1, length * 0.9)
    case DENSE:
      return length * 1.4
    case CYRILLIC:
      return Math.max(1, length * 0.5)
    case IDEOGRAPH:
      return length * 0.75
    case SURROGATE:
      return length * 1.5
    case RARE:
      return length * 2
    default:
      return length
  }
}

/** Long enough that no name looks like it. */
const RANDOM_LENGTH = 20

/** The cost of letters and digits in a row. */
function runCost(text: string, start: number, end: number, wordCost: (letters: number) => number): number {
  let tokens = 0
  let changes = 0
  let letters = 0
  let last = -1
  for (let at = start; at < end; at++) {
    const kind = caseOf(text.charCodeAt(at))
    if (kind !== last) changes += 1
    // A digit stands alone, and a capital after a small letter begins a word.
    if (kind === NUMBER || (kind === CAPITAL && last !== CAPITAL)) {
      tokens += wordCost(letters)
      letters = 0
    }
    if (kind === NUMBER) tokens += 1
    else letters += 1
    last = kind
  }
  const length = end - start
  const random = length >= RANDOM_LENGTH && changes >= length / 4
  return random ? Math.max(length * 0.8, tokens) : tokens + wordCost(letters)
}

const NUMBER = 0
const CAPITAL = 1
const SMALL = 2

function caseOf(code: number): number {
  if (code <= 0x39) return NUMBER
  return code <= 0x5a ? CAPITAL : SMALL
}

function familiarWordCost(letters: number): number {
  if (letters === 0) return 0
  return letters <= 7 ? 1 : 1 + Math.ceil((letters - 7) / 3)
}

function unfamiliarWordCost(letters: number): number {
  return letters === 0 ? 0 : Math.max(1, letters / 2.4)
}

/** Words that every longer English text, or code in a common language, has. */
const FAMILIAR = new Set(
  (
    "the and of to for with that this not are from be you it as if else return const import export function " +
    "new let var int def class public static void func string type true false null self end then"
  ).split(" "),
)
/** The length of the sample of a text, characters. */
const SAMPLE = 20_000
/** Fewer words do not show the language. */
const MIN_WORDS = 8

/** Returns whether a text is English or code, in which most words are tokens of their own. */
function isFamiliar(text: string): boolean {
  const words = text.slice(0, SAMPLE).match(/(?<![^\s(])\p{L}{2,}(?=[\s,.;:!?)(]|$)/gu) ?? []
  if (words.length < MIN_WORDS) return true
  const latin = words.filter((word) => /[a-z]/i.test(word))
  return latin.filter((word) => FAMILIAR.has(word.toLowerCase())).length > latin.length / 12
}
