import { type FakePlatformOptions, fakePlatform } from "qwen-auth-testing/fake-platform"
import { SERVER } from "qwen-auth-testing/samples"
import { almaFetch } from "../provider/alma-fetch.ts"
import { pluginSettings } from "../settings.ts"
import { Login } from "../sign-in/login.ts"
import { secretStore } from "../storage/secret-store.ts"
import { SignIn } from "../storage/sign-in.ts"
import { type FakeAlmaOptions, fakeAlma } from "./fake-alma.ts"

/** The plugin's parts, connected to a fake Alma and a fake platform. */
export function setUp(options: FakeAlmaOptions & FakePlatformOptions = {}) {
  const alma = fakeAlma(options)
  const platform = fakePlatform(options)
  const settings = pluginSettings(alma.context.settings)
  const store = secretStore(platform, alma.secrets)
  const signIn = new SignIn(platform, SERVER, store)
  const login = new Login({ platform, ui: alma.ui, server: SERVER, signIn, settings })
  const { secrets, ui } = alma
  return { alma, ui, platform, settings, secrets, store, signIn, login, fetch: almaFetch(platform, signIn, settings) }
}
