import { mkdtemp, readFile, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { onTestFinished } from "vitest"
import { fetchThrough, type ThroughInit } from "./fetch-through.ts"
import { type SimulatorUnderTest, simulatorUnderTest } from "./simulator-under-test.ts"

/** A simulator with its proxy. */
export interface ProxiedSimulator extends SimulatorUnderTest {
  /** The content of the proxy's certificate file. */
  certificate: string
  certificateFile: string
  /** A request to a host by its real name, through the proxy. */
  through(url: string, init?: ThroughInit): Promise<Response>
}

export async function proxiedSimulator(): Promise<ProxiedSimulator> {
  const folder = await mkdtemp(join(tmpdir(), "qwen-simulator-proxy-"))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const certificateFile = join(folder, "certificate.pem")
  const simulator = await simulatorUnderTest({ port: 0, certificateFile })
  const certificate = await readFile(certificateFile, "utf8")
  const through = (url: string, init?: ThroughInit) => fetchThrough({ proxy: simulator.proxy, certificate }, url, init)
  return { ...simulator, certificate, certificateFile, through }
}
