import type { Call } from "../commands/command.ts"
import { EXIT } from "../exit-codes.ts"
import { styleFor } from "../terminal/style.ts"

/** Installs the plugin for a host. */
export async function run({ world, values, positionals }: Call): Promise<number> {
  const options = {
    remove: values["remove"] === true,
    dryRun: values["dry-run"] === true,
    fromCheckout: values["from-checkout"] === true,
  }
  const result =
    positionals[0] === "alma"
      ? await (await import("./setup-alma.ts")).setupAlma(world, options)
      : await (await import("./setup-opencode.ts")).setupOpenCode(world, options)
  if (values["json"] === true) {
    world.stdout.write(`${JSON.stringify({ ...result, dryRun: options.dryRun })}\n`)
    return EXIT.done
  }
  const style = styleFor(world)
  const lines = result.diff?.split("\n") ?? []
  const coloured = lines.map((line) =>
    line.startsWith("+") ? style.good(line) : line.startsWith("-") ? style.bad(line) : line,
  )
  if (options.dryRun && coloured.length > 0) world.stdout.write(`${coloured.join("\n")}\n`)
  world.stdout.write(`${result.message}\n`)
  return EXIT.done
}
