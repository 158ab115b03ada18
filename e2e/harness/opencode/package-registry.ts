import { createHash } from "node:crypto"
import { readFile } from "node:fs/promises"
import { createServer } from "node:http"
import * as v from "valibot"
import { listenOnFreePort } from "../shared/port.ts"

/** An npm registry on loopback with one package. */
export interface PackageRegistry {
  readonly url: string
  /** The requested paths, in order. */
  readonly paths: readonly string[]
  close(): Promise<void>
}

const Manifest = v.pipe(v.string(), v.parseJson(), v.looseObject({ name: v.string(), version: v.string() }))

/**
 * Serves a packed package as npm's registry does: a document with its versions, and the tarball.
 * @param tarball the absolute path of the output of `npm pack`
 * @param manifestFile the absolute path of the package's `package.json`
 */
export async function startPackageRegistry(tarball: string, manifestFile: string): Promise<PackageRegistry> {
  const { name, version, ...rest } = v.parse(Manifest, await readFile(manifestFile, "utf8"))
  const bytes = await readFile(tarball)
  const paths: string[] = []
  const server = createServer((request, response) => {
    const path = decodeURIComponent(request.url ?? "")
    paths.push(path)
    if (path.endsWith(".tgz")) return void response.end(bytes)
    response.setHeader("content-type", "application/json")
    if (path.slice(1) !== name) return void response.writeHead(404).end('{"error":"Not found"}')
    const dist = {
      tarball: `http://${request.headers.host}/${name}/-/${name}-${version}.tgz`,
      integrity: `sha512-${createHash("sha512").update(bytes).digest("base64")}`,
      shasum: createHash("sha1").update(bytes).digest("hex"),
    }
    response.end(
      JSON.stringify({
        name,
        "dist-tags": { latest: version },
        versions: { [version]: { ...rest, name, version, dist } },
        time: { [version]: new Date(0).toISOString() },
      }),
    )
  })
  return {
    url: `http://127.0.0.1:${await listenOnFreePort(server)}/`,
    paths,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
