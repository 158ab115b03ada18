/** A tool of the host that is equivalent to a tool that the model knows. */
export interface HostEquivalent {
  /** The tool's id in the host. */
  readonly id: string
  /**
   * The tool's description must match this, because the same id can mean another tool in another version of the host.
   */
  readonly descriptionPattern?: RegExp
  /** A hint for the model that the parameter names do not give. */
  readonly note?: string
}

/** The names under which models were trained to call a kind of tool, and its equivalents in a host. */
export interface KnownTool {
  readonly names: readonly string[]
  /** In order of preference. The first one that the host offers is used. */
  readonly equivalents: readonly HostEquivalent[]
}
