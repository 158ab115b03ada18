/** What `setup` was asked to do. */
export interface SetupOptions {
  /** Undo it. */
  readonly remove: boolean
  /** Only tell what would change. */
  readonly dryRun: boolean
  readonly fromCheckout: boolean
}

/** What `setup` did. */
export interface SetupResult {
  readonly changed: boolean
  /** The file or folder. */
  readonly path: string
  /** The lines that change. */
  readonly diff?: string
  /** Complete sentences for the user. */
  readonly message: string
}
