/** A file that a prompt asks for. */
export interface WantedFile {
  /** The path in the prompt, relative or absolute. */
  path: string
  content: string
}

const ASKS_FOR_FILE = /\b(create|write|make|add|generate|save|put)\b[\s\S]*?(\bfiles?\b|[\w-]\.[a-z]\w{0,7}\b)/i
const FILE_NAMES = /(?:[A-Za-z]:)?[\w./\\~-]*[\w-]\.[A-Za-z]\w{0,7}\b/g
/** Matches a file name in prose. */
const NOT_FILES = /^(e\.g|i\.e|node\.js|next\.js|vue\.js|www\..*|https?:.*)$/i

const LANGUAGES: Readonly<Record<string, string>> = {
  python: "py",
  javascript: "js",
  typescript: "ts",
  html: "html",
  markdown: "md",
  bash: "sh",
  shell: "sh",
  rust: "rs",
  golang: "go",
  java: "java",
  json: "json",
}

const HELLO: Readonly<Record<string, string>> = {
  py: 'print("Hello, world!")\n',
  js: 'console.log("Hello, world!")\n',
  mjs: 'console.log("Hello, world!")\n',
  ts: 'console.log("Hello, world!")\n',
  sh: '#!/bin/sh\necho "Hello, world!"\n',
  md: "# Hello, world!\n",
  html: '<!doctype html>\n<html lang="en">\n<title>Hello</title>\n<h1>Hello, world!</h1>\n</html>\n',
  json: '{ "message": "Hello, world!" }\n',
  rs: 'fn main() {\n    println!("Hello, world!");\n}\n',
  go: 'package main\n\nimport "fmt"\n\nfunc main() {\n\tfmt.Println("Hello, world!")\n}\n',
  java: 'class Hello {\n    public static void main(String[] arguments) {\n        System.out.println("Hello, world!");\n    }\n}\n',
}

/** The files that a prompt asks to write; empty if there are none. */
export function wantedFiles(prompt: string): WantedFile[] {
  if (!ASKS_FOR_FILE.test(prompt)) return []
  const content = quotedContent(prompt)
  const named = (prompt.match(FILE_NAMES) ?? []).filter((name) => !NOT_FILES.test(name))
  const paths = named.length > 0 ? [...new Set(named)] : [defaultName(prompt)]
  return paths.map((path) => ({ path, content: content ?? hello(path) }))
}

/** The quoted text after "containing", "with the text" and similar phrases. */
function quotedContent(prompt: string): string | undefined {
  const quoted = /\b(?:containing|contains|content|contents|with|text|says?)\b[^"“`]{0,30}["“`]([^"”`]+)["”`]/i.exec(
    prompt,
  )?.[1]
  return quoted === undefined ? undefined : `${quoted}\n`
}

function defaultName(prompt: string): string {
  const language = Object.keys(LANGUAGES).find((name) => new RegExp(`\\b${name}\\b`, "i").test(prompt))
  return `hello.${LANGUAGES[language ?? ""] ?? "txt"}`
}

function hello(path: string): string {
  const extension = path.split(".").at(-1)?.toLowerCase() ?? ""
  return HELLO[extension] ?? "Hello, world!\n"
}
