/** A tool of the host that can stand in for a trained one. */
export interface HostEquivalent {
  /** The host's name of it. */
  readonly id: string
  /** What its description must say for that; versions differ. */
  readonly descriptionPattern?: RegExp
  /** What a model trips over although it reads the parameters. */
  readonly note?: string
}

/** Names under which a model was trained to call one kind of tool, and what a host offers for it. */
export interface KnownTool {
  readonly names: readonly string[]
  /** The best first; the first that is offered is meant. */
  readonly equivalents: readonly HostEquivalent[]
}
