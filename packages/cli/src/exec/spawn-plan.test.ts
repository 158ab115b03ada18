import { describe, expect, it } from "vitest"
import { spawnPlan } from "./spawn-plan.ts"

const FILES = [
  "C:\\npm\\claude.cmd",
  "C:\\bin\\node.exe",
  "C:\\bin\\claude",
  "C:\\with space\\tool.bat",
  ".\\local.cmd",
]
const WINDOWS = {
  platform: "win32" as const,
  environment: { Path: 'C:\\bin;C:\\npm;"C:\\with space"', PATHEXT: ".COM;.EXE;.BAT;.CMD", comspec: "C:\\cmd.exe" },
  isFile: (path: string) => FILES.includes(path),
}

it.each(["linux", "darwin"] as const)("starts a command on %s unchanged", (platform) => {
  const args = ["-p", "a b", "$HOME", '"', ""]
  expect(spawnPlan("claude", args, { ...WINDOWS, platform })).toEqual({ file: "claude", args, verbatim: false })
})

describe("spawnPlan on Windows", () => {
  it.each([
    ["node", "C:\\bin\\node.exe"],
    ["node.exe", "C:\\bin\\node.exe"],
    ["missing", "missing"],
    ["C:\\other\\tool.exe", "C:\\other\\tool.exe"],
  ])("starts %s directly as %s", (command, file) => {
    expect(spawnPlan(command, ["a b"], WINDOWS)).toEqual({ file, args: ["a b"], verbatim: false })
  })

  it.each([
    ["claude", "C:\\npm\\claude.cmd"],
    [".\\local", ".\\local.cmd"],
    ["tool", "C:\\with^ space\\tool.bat"],
  ])("starts npm's %s with cmd.exe", (command, file) => {
    expect(spawnPlan(command, [], WINDOWS)).toEqual({
      file: "C:\\cmd.exe",
      args: ["/d", "/s", "/c", `"${file}"`],
      verbatim: true,
    })
  })

  it.each([
    ["plain", '^^^"plain^^^"'],
    ["a b", '^^^"a^^^ b^^^"'],
    ["a&calc", '^^^"a^^^&calc^^^"'],
    ["%PATH%", '^^^"^^^%PATH^^^%^^^"'],
    ['say "hi"', '^^^"say^^^ \\^^^"hi\\^^^"^^^"'],
    ["C:\\dir\\", '^^^"C:\\dir\\\\^^^"'],
    ["", '^^^"^^^"'],
  ])("quotes the argument %j for both programs that read it", (argument, escaped) => {
    expect(spawnPlan("claude", [argument], WINDOWS).args.at(-1)).toBe(`"C:\\npm\\claude.cmd ${escaped}"`)
  })
})
