/** The baseline for the start: a plugin that does nothing. */
export default {
  id: "empty",
  server: async () => ({ auth: { provider: "none", methods: [], loader: async () => ({}) } }),
  setup: async () => () => {},
}

/** The baseline for Alma. */
export const activate = async () => ({ dispose() {} })
