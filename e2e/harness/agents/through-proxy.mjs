/** Preloaded with `--import`: lets Node's `fetch` use the proxy in the environment. Node 20 ignores it. */
import { EnvHttpProxyAgent, setGlobalDispatcher } from "undici"

setGlobalDispatcher(new EnvHttpProxyAgent())
