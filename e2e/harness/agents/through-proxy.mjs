/** Preloaded with `--import`: makes Node's `fetch` use the proxy in the environment, which Node 20 does not by itself. */
import { EnvHttpProxyAgent, setGlobalDispatcher } from "undici"

setGlobalDispatcher(new EnvHttpProxyAgent())
