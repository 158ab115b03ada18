/** The options of `setup`. */
export interface SetupOptions {
  /** Remove the plugin. */
  readonly remove: boolean
  /** Only show the change. */
  readonly dryRun: boolean
  readonly fromCheckout: boolean
}

/** The result of `setup`. */
export interface SetupResult {
  readonly changed: boolean
  /** The file or folder. */
  readonly path: string
  /** The lines that change. */
  readonly diff?: string
  /** Complete sentences for the user. */
  readonly message: string
}
