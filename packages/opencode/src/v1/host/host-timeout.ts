/**
 * How long a call to OpenCode may take, ms. OpenCode's server runs in the same process, so a slow response means that it
 * is shutting down.
 */
export const HOST_TIMEOUT_MS = 2_000
