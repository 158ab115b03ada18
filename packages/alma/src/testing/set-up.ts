import { type FakeWorldOptions, fakeWorld } from "../../../core/src/testing/fake-world.ts"
import { SERVER } from "../../../core/src/testing/samples.ts"
import { almaFetch } from "../provider/alma-fetch.ts"
import { pluginSettings } from "../settings.ts"
import { Login } from "../sign-in/login.ts"
import { signInSecrets } from "../storage/secrets.ts"
import { SignIn } from "../storage/sign-in.ts"
import { type FakeAlmaOptions, fakeAlma } from "./fake-alma.ts"

/** The plugin's parts over a fake Alma, in a world of the test's. */
export function setUp(options: FakeAlmaOptions & FakeWorldOptions = {}) {
  const alma = fakeAlma(options)
  const world = fakeWorld(options)
  const settings = pluginSettings(alma.context.settings)
  const store = signInSecrets(world, alma.secrets)
  const signIn = new SignIn(world, SERVER, store)
  const login = new Login({ world, ui: alma.ui, server: SERVER, signIn, settings })
  const { secrets, ui } = alma
  return { alma, ui, world, settings, secrets, store, signIn, login, fetch: almaFetch(world, signIn, settings) }
}
