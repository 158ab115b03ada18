import { existsSync } from "node:fs"
import { dirname, join } from "node:path"
import { UsageError } from "../command-error.ts"
import type { World } from "../world.ts"

/**
 * Returns the absolute path of the checkout that this program or the current folder belongs to.
 * @param built a file below it that the build makes
 * @throws UsageError if there is none, or if it is not built
 */
export function builtCheckout({ programFolder, folder }: World, built: string): string {
  const root = checkoutAbove(programFolder) ?? checkoutAbove(folder)
  if (root === undefined) throw new UsageError("--from-checkout works in a checkout of the project only.")
  if (!existsSync(join(root, built)))
    throw new UsageError(`The checkout ${root} is not built. Run there: npm run build`)
  return root
}

function checkoutAbove(folder: string): string | undefined {
  if (existsSync(join(folder, "packages", "opencode", "package.json"))) return folder
  return dirname(folder) === folder ? undefined : checkoutAbove(dirname(folder))
}
