import { X509Certificate } from "node:crypto"
import { once } from "node:events"
import { readFile } from "node:fs/promises"
import { request as httpRequest } from "node:http"
import { connect } from "node:net"
import { Duplex } from "node:stream"
import { text } from "node:stream/consumers"
import { connect as tlsConnect } from "node:tls"
import { expect, test } from "vitest"
import { startSimulator } from "../server.ts"
import { connectThrough } from "../test-support/fetch-through.ts"
import { proxiedSimulator } from "../test-support/proxied-simulator.ts"
import { simulatorUnderTest } from "../test-support/simulator-under-test.ts"

const TOKEN_PLAN = "token-plan.ap-southeast-1.maas.aliyuncs.com"
const MODELS = `https://${TOKEN_PLAN}/compatible-mode/v1/models`

test("a client that trusts only the certificate file reaches a host by its real https name", async () => {
  const { through, apiKey, log } = await proxiedSimulator()
  const key = await apiKey({ plan: "token" })
  const response = await through(MODELS, { headers: { authorization: `Bearer ${key}` } })
  expect(response.status).toBe(200)
  expect(await response.json()).toMatchObject({ object: "list" })
  const entry = { method: "GET", host: TOKEN_PLAN, path: "/compatible-mode/v1/models", proxied: true, status: 200 }
  expect(await log()).toMatchObject([entry])
})

test.each([
  "chat.qwen.ai",
  "portal.qwen.ai",
  "coding.dashscope.aliyuncs.com",
  "token-plan.cn-beijing.maas.aliyuncs.com",
  "token-plan.ap-southeast-1.maas.aliyuncs.com",
  "dashscope.aliyuncs.com",
  "dashscope-intl.aliyuncs.com",
  "dashscope-us.aliyuncs.com",
  "cn-hongkong.dashscope.aliyuncs.com",
  "ws-abc.ap-southeast-1.maas.aliyuncs.com",
  "maas.qwencloudapi.com",
  "token-plan.maas.qwencloudapi.com",
  "maas.qianwenaiapi.com",
  "token-plan.maas.qianwenaiapi.com",
  "trial.cn-hongkong.maas.aliyuncs.com",
  "llm-1.cn-beijing.maas.aliyuncs.com",
  "ws-abc.cn-hongkong.maas.aliyuncs.com",
  "ws-abc.us-east-1.maas.aliyuncs.com",
  "ws-abc.us-west-1.maas.aliyuncs.com",
  "ws-abc.ap-northeast-1.maas.aliyuncs.com",
  "ws-abc.eu-central-1.maas.aliyuncs.com",
  "modelstudio.console.alibabacloud.com",
  "bailian.console.aliyun.com",
])("the certificate is valid for %s", async (name) => {
  const { through, certificate } = await proxiedSimulator()
  expect(new X509Certificate(certificate).checkHost(name)).toBeDefined()
  expect((await through(`https://${name}/nowhere`)).status).toBe(404)
})

test.each([
  "example.com:443",
  "oss-cn-hangzhou.aliyuncs.com:443",
  "qwen.ai.example.com:443",
  "evilqwen.ai:443",
  "a.b.ap-southeast-1.maas.aliyuncs.com:443",
  "ws-abc.eu-west-1.maas.aliyuncs.com:443",
  "xmaas.qwencloudapi.com:443",
  "maas.qwencloudapi.com.evil.test:443",
  "127.0.0.1:443",
  "chat.qwen.ai:80",
  "chat.qwen.ai:8443",
])("CONNECT %s is refused and logged", async (authority) => {
  const { proxy, log } = await proxiedSimulator()
  expect((await connectThrough(proxy, authority)).status).toBe(403)
  const host = authority.replace(/:443$/, "")
  expect(await log()).toMatchObject([{ method: "CONNECT", host, path: "", proxied: true, status: 403 }])
})

test("a plain http request through the proxy is refused and logged, whatever its host", async () => {
  const { proxy, origin, log } = await proxiedSimulator()
  const { hostname, port } = new URL(proxy)
  for (const path of ["http://example.com/page?x=1", `${origin}/v1/models`]) {
    const request = httpRequest({ host: hostname, port, path, agent: false })
    request.end()
    const [response] = await once(request, "response")
    expect(response.statusCode).toBe(403)
    response.resume()
  }
  expect(await log()).toMatchObject([
    { method: "GET", host: "example.com", path: "/page", proxied: true, status: 403 },
    { method: "GET", host: new URL(origin).host, path: "/v1/models", proxied: true, status: 403 },
  ])
})

test("an unknown Host inside the tunnel is 404", async () => {
  const { through, log } = await proxiedSimulator()
  expect((await through(MODELS, { headers: { host: "example.com" } })).status).toBe(404)
  expect(await log()).toMatchObject([{ host: "example.com", proxied: true, status: 404 }])
})

test("a Host with the default port, in capitals, is still that host", async () => {
  const { through, log } = await proxiedSimulator()
  expect((await through(MODELS, { headers: { host: "Token-Plan.AP-Southeast-1.MAAS.aliyuncs.com:443" } })).status).toBe(
    401,
  )
  expect(await log()).toMatchObject([{ host: TOKEN_PLAN }])
})

test("control endpoints and the prefix cannot be reached through the proxy", async () => {
  const { through } = await proxiedSimulator()
  expect((await through("https://chat.qwen.ai/_sim/log")).status).toBe(404)
  expect((await through(`https://chat.qwen.ai/_hosts/${TOKEN_PLAN}/v1/models`)).status).toBe(404)
})

test("a proxy with credentials answers 407 without the right ones, and opens a tunnel with them", async () => {
  const { proxy, scenario, log } = await proxiedSimulator()
  await scenario({ proxy: { credentials: "user:pass:word" } })
  const basic = (text: string) => ({ "proxy-authorization": `Basic ${Buffer.from(text).toString("base64")}` })
  const refused = await connectThrough(proxy, `${TOKEN_PLAN}:443`)
  expect(refused).toMatchObject({ status: 407, headers: { "proxy-authenticate": 'Basic realm="qwen-simulator"' } })
  expect((await connectThrough(proxy, `${TOKEN_PLAN}:443`, basic("user:wrong"))).status).toBe(407)
  expect((await connectThrough(proxy, `${TOKEN_PLAN}:443`, basic("user:pass:word"))).status).toBe(200)
  expect((await log()).map(({ status, host }) => [status, host])).toEqual([
    [407, TOKEN_PLAN],
    [407, TOKEN_PLAN],
  ])
})

test("a proxy that is down answers every CONNECT with 502 until it is up again", async () => {
  const { proxy, scenario, through } = await proxiedSimulator()
  await scenario({ proxy: { down: true } })
  expect((await connectThrough(proxy, `${TOKEN_PLAN}:443`)).status).toBe(502)
  await scenario({ proxy: { down: false } })
  expect((await through(MODELS)).status).toBe(401)
})

test.each([
  ["expired", "CERT_HAS_EXPIRED"],
  ["not-yet-valid", "CERT_NOT_YET_VALID"],
  ["other-host", "ERR_TLS_CERT_ALTNAME_INVALID"],
])("certificate %s: a client that trusts the file fails with %s", async (certificate, code) => {
  const { scenario, through, log } = await proxiedSimulator()
  await scenario({ proxy: { certificate } })
  await expect(through(MODELS)).rejects.toMatchObject({ code })
  await scenario({ proxy: { certificate: "good" } })
  expect((await through(MODELS)).status).toBe(401)
  expect(await log()).toHaveLength(1)
})

test("a client that does not trust the certificate is dropped, and the next one is served", async () => {
  const { proxy, through, log } = await proxiedSimulator()
  const { socket } = await connectThrough(proxy, `${TOKEN_PLAN}:443`)
  const tls = tlsConnect({ socket, servername: TOKEN_PLAN })
  await expect(once(tls, "secureConnect")).rejects.toMatchObject({ code: "DEPTH_ZERO_SELF_SIGNED_CERT" })
  const { socket: noTls } = await connectThrough(proxy, `${TOKEN_PLAN}:443`)
  noTls.on("error", () => undefined)
  noTls.end("GET / HTTP/1.1\r\n\r\n")
  await once(noTls.resume(), "close")
  expect((await through(MODELS)).status).toBe(401)
  expect(await log()).toHaveLength(1)
})

test("a client that does not wait for the answer to CONNECT is served", async () => {
  const { proxy, certificate } = await proxiedSimulator()
  const hasty = await hastyTunnel(proxy, `${TOKEN_PLAN}:443`)
  const tls = tlsConnect({ socket: hasty, servername: TOKEN_PLAN, ca: certificate })
  tls.write(`GET /compatible-mode/v1/models HTTP/1.1\r\nHost: ${TOKEN_PLAN}\r\nConnection: close\r\n\r\n`)
  expect(await text(tls)).toMatch(/^HTTP\/1\.1 401 /)
})

/** A tunnel whose first bytes are sent together with the CONNECT. */
async function hastyTunnel(proxy: string, authority: string): Promise<Duplex> {
  const { hostname, port } = new URL(proxy)
  const socket = connect(Number(port), hostname)
  await once(socket, "connect")
  let before = Buffer.from(`CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n\r\n`)
  let head = ""
  const tunnel = new Duplex({
    read: () => undefined,
    write(bytes: Buffer, _encoding, done) {
      socket.write(Buffer.concat([before, bytes]), done)
      before = Buffer.alloc(0)
    },
    final: (done) => socket.end(done),
  })
  socket.on("data", (bytes: Buffer) => {
    if (head.endsWith("\r\n\r\n")) {
      tunnel.push(bytes)
      return
    }
    const end = bytes.indexOf("\r\n\r\n") + 4
    head = bytes.subarray(0, end).toString()
    if (bytes.length > end) tunnel.push(bytes.subarray(end))
  })
  socket.on("end", () => tunnel.push(null))
  return tunnel
}

test("responses are reset and truncated inside the tunnel as outside", async () => {
  const { scenario, through, log } = await proxiedSimulator()
  const queue = [{ reset: true }, { body: "0123456789", cutAfterBytes: 4 }]
  await scenario({ answers: { planModels: { queue } } })
  await expect(through(MODELS)).rejects.toMatchObject({ code: "ECONNRESET" })
  await expect(through(MODELS)).rejects.toMatchObject({ code: "ECONNRESET" })
  expect((await through(MODELS)).status).toBe(401)
  expect((await log()).map(({ status }) => status)).toEqual([undefined, 200, 401])
})

test("close ends tunnels, before their TLS and with a request waiting", async () => {
  const { certificateFile } = await proxiedSimulator()
  const simulator = await startSimulator({ proxy: { port: 0, certificateFile } })
  const proxy = String(simulator.proxy)
  const script = { answers: { planModels: { standing: { body: "", delayMs: 60_000 } } } }
  await fetch(`${simulator.origin}/_sim/scenario`, { method: "POST", body: JSON.stringify(script) })
  const { socket: idle } = await connectThrough(proxy, `${TOKEN_PLAN}:443`)
  const { socket } = await connectThrough(proxy, `${TOKEN_PLAN}:443`)
  const waiting = tlsConnect({ socket, servername: TOKEN_PLAN, ca: await readFile(certificateFile) })
  waiting.write("GET /v1/models HTTP/1.1\r\nHost: x\r\n\r\n")
  const ended = [idle, waiting].map((open) => {
    open.on("error", () => undefined)
    return once(open.resume(), "close")
  })
  await once(waiting, "secureConnect")
  await simulator.close()
  await Promise.all(ended)
  await expect(connectThrough(proxy, `${TOKEN_PLAN}:443`)).rejects.toMatchObject({ code: "ECONNREFUSED" })
})

test("a taken proxy port, or a certificate that cannot be written, leaves nothing running", async () => {
  const { proxy, certificateFile } = await proxiedSimulator()
  const free = await startSimulator()
  const port = Number(new URL(free.origin).port)
  await free.close()
  const taken = { port: Number(new URL(proxy).port), certificateFile }
  await expect(startSimulator({ port, proxy: taken })).rejects.toMatchObject({ code: "EADDRINUSE" })
  const nowhere = { port: 0, certificateFile: `${certificateFile}/nowhere` }
  await expect(startSimulator({ port, proxy: nowhere })).rejects.toMatchObject({ code: "ENOTDIR" })
  await (await startSimulator({ port })).close()
})

test("the simulator has no proxy without the option", async () => {
  expect((await simulatorUnderTest()).proxy).toBe("")
})
