/** The yardstick of the start: a plugin that does nothing. */
export default {
  id: "empty",
  server: async () => ({ auth: { provider: "none", methods: [], loader: async () => ({}) } }),
}

/** The same for Alma. */
export const activate = async () => ({ dispose() {} })
