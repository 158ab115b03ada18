/** The port of `serve` unless given: the keys of Q, W, E and N on a telephone. */
export const DEFAULT_PORT = 7936
