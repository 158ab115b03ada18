import { readFile } from "node:fs/promises"
import { join } from "node:path"
import * as v from "valibot"
import { runNpm } from "../shared/npm.ts"
import { REPOSITORY } from "../shared/repository.ts"

const PackReport = v.pipe(
  v.string(),
  v.parseJson(),
  v.tuple([
    v.object({ filename: v.string(), unpackedSize: v.number(), files: v.array(v.object({ path: v.string() })) }),
  ]),
)

/** The package that `npm publish` would upload. */
export interface PackedPlugin {
  /** Absolute path. */
  readonly tarball: string
  readonly files: readonly string[]
  readonly unpackedBytes: number
  /** Its `package.json`. */
  readonly manifest: unknown
}

/** Packs the plugin for OpenCode into a folder. */
export async function packPlugin(folder: string): Promise<PackedPlugin> {
  const source = join(REPOSITORY, "packages", "opencode")
  const { stdout } = await runNpm(["pack", "--json", "--pack-destination", folder], source)
  const [{ filename, files, unpackedSize }] = v.parse(PackReport, stdout)
  return {
    tarball: join(folder, filename),
    files: files.map(({ path }) => path).sort(),
    unpackedBytes: unpackedSize,
    manifest: JSON.parse(await readFile(join(source, "package.json"), "utf8")),
  }
}
