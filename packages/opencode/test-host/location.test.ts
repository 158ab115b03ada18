import { gate, settle } from "qwen-auth-testing/gate"
import { describe, expect, test } from "vitest"
import {
  CODER,
  contextOf,
  hooks,
  hostWith,
  messageOf,
  pluginModule,
  signedIn,
  signsIn,
  stream,
} from "./plugin-fixture.ts"
import type { PluginContext } from "./types.ts"

const ok = async () => stream("hello")

describe("setup", () => {
  test("runs once per directory, with its own location and the same credentials", async () => {
    const seen: string[] = []
    const { host } = await hostWith(({ location }) => void seen.push(location.directory))
    await host.open("/other")
    await host.connect("alibaba", "key", undefined, { key: "sk", directory: "/other" })
    expect(seen).toEqual(["/project", "/other"])
    const active = [await host.active("alibaba", "/project"), await host.active("alibaba", "/other")]
    expect(active[0]).toEqual(active[1])
    expect(active[0]).toMatchObject({ type: "credential" })
  })

  test("delays the sessions of its directory only", async () => {
    const end = gate()
    const { host } = await signedIn(({ location }) => (location.directory === "/slow" ? end.promise : undefined), {
      fetch: ok,
    })
    const { ready } = await host.open("/slow", false)
    expect((await host.prompt("a", "hi", { ...CODER, directory: "/project" })).text).toBe("hello")
    const result = host.prompt("b", "hi", { ...CODER, directory: "/slow" })
    await settle()
    expect(host.requests).toHaveLength(1)
    end.open()
    await ready
    expect((await result).text).toBe("hello")
  })

  test("that rejects loses its registrations, and the host continues", async () => {
    const { host } = await signedIn(
      async (context) => {
        await signsIn()(context)
        context.event.subscribe()
        throw new Error("broken setup")
      },
      { fetch: ok },
    )
    expect(host.failures).toEqual(["broken setup"])
    expect(host.leaks()).toEqual([])
    const [integration] = await host.integrations()
    expect(integration?.methods.map(({ type }) => type)).toEqual(["key", "env"])
    expect((await host.prompt("s", "hi", CODER)).text).toBe("hello")
  })

  test.each([[{}], ["cleanup"], [null], [{ dispose: () => {} }]])("may not return %j", async (result) => {
    const { host } = await hostWith(() => result)
    expect(host.takeViolations()).toEqual(["setup: the result is neither a function nor nothing"])
  })

  test("gets the plugin's options", async () => {
    const { host } = await hostWith(() => {})
    const seen: unknown[] = []
    const setup = ({ options }: PluginContext) => void seen.push(options)
    await host.install(pluginModule(setup, "second"), { debug: true })
    expect(seen).toEqual([{ debug: true }])
  })
})

describe("the end of a directory", () => {
  test("calls the cleanup first, then removes registrations and ends event streams", async () => {
    const order: string[] = []
    const { host } = await hostWith(async (context) => {
      const registration = await context.integration.transform((editor) => editor.update("ours", () => {}))
      const stream = context.event.subscribe()
      void (async () => {
        for await (const { type } of stream) order.push(type)
        order.push("stream ended")
      })()
      return async () => {
        await settle()
        // Everything is still there.
        const { data } = await context.integration.list()
        order.push(`cleanup with ${data.map(({ id }) => id).join()}`)
        await registration.dispose()
        const { data: left } = await context.integration.list()
        order.push(`then ${left.map(({ id }) => id).join()}`)
      }
    })
    expect(host.leaks()).toHaveLength(2)
    await host.close()
    await settle()
    expect(order).toEqual(["cleanup with alibaba,ours", "then alibaba", "stream ended"])
  })

  test("reports a cleanup that fails, and still removes everything", async () => {
    const { host } = await hostWith(async (context) => {
      await signsIn()(context)
      return () => {
        throw new Error("broken cleanup")
      }
    })
    expect(await messageOf(host.close())).toBe("The cleanup failed: broken cleanup")
    expect(host.leaks()).toEqual([])
  })

  test("does not change the other directories", async () => {
    const seen: string[] = []
    const { host } = await signedIn(
      async (context) => {
        const { directory } = context.location
        await hooks(["http.request", () => void seen.push(directory)])(context)
      },
      { fetch: ok },
    )
    const other = await host.open("/other")
    await other.close()
    await host.prompt("s", "hi", CODER)
    expect(seen).toEqual(["/project"])
    expect(await messageOf(host.models("/other"))).toBe("The directory /other is not open.")
  })

  test("refuses what a plugin registers afterwards", async () => {
    const { host, context } = await contextOf()
    await host.reload()
    expect(await messageOf(context.integration.transform(() => {}))).toBe(
      "The plugin sample registered something after its end.",
    )
    expect(host.takeViolations()).toHaveLength(1)
  })
})

test("a reload ends every plugin and sets it up again in the same module", async () => {
  const order: string[] = []
  const { host } = await signedIn(
    async (context) => {
      order.push("setup")
      await signsIn()(context)
      await hooks(["http.request", () => void order.push("hook")])(context)
      return () => void order.push("cleanup")
    },
    { fetch: ok },
  )
  await host.reload()
  await host.prompt("s", "hi", CODER)
  expect(order).toEqual(["setup", "cleanup", "setup", "hook"])
  expect(host.leaks()).toHaveLength(2)
  await host.close()
  expect(order.at(-1)).toBe("cleanup")
})

test("a host that closes reports every violation, even one that the plugin caught", async () => {
  const { host } = await hostWith((context) => {
    try {
      Reflect.get(context, "client")
    } catch {
      // Hidden by the plugin.
    }
  })
  expect(await messageOf(host.close())).toBe("context.client is unknown to OpenCode")
})
