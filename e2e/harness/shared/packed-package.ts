import { join } from "node:path"
import * as v from "valibot"
import { runNpm } from "./npm.ts"
import { REPOSITORY } from "./repository.ts"

const PackReport = v.pipe(
  v.string(),
  v.parseJson(),
  v.tuple([
    v.object({ filename: v.string(), unpackedSize: v.number(), files: v.array(v.object({ path: v.string() })) }),
  ]),
)

/** The package that `npm publish` would upload. */
export interface PackedPackage {
  /** Absolute path. */
  readonly tarball: string
  readonly files: readonly string[]
  readonly unpackedBytes: number
}

/** Packs one of our packages into a folder. */
export async function packPackage(name: "cli" | "opencode", folder: string): Promise<PackedPackage> {
  const { stdout } = await runNpm(["pack", "--json", "--pack-destination", folder], join(REPOSITORY, "packages", name))
  const [{ filename, files, unpackedSize }] = v.parse(PackReport, stdout)
  return {
    tarball: join(folder, filename),
    files: files.map(({ path }) => path).sort(),
    unpackedBytes: unpackedSize,
  }
}
