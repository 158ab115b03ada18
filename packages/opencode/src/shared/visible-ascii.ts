/**
 * Returns whether a value is a text that can be stored with a credential and sent in a header. OpenCode's record must be
 * as strict as the plugin's own file, because values from the record are written to it.
 */
export function isVisibleAscii(value: unknown): value is string {
  return typeof value === "string" && /^[\x21-\x7e]+$/.test(value)
}
