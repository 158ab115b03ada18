import { variable, type World } from "../world.ts"

/** Where a browser would open. `here`: on this computer. All others: why it does not open, or not where the user sees it. */
export type BrowserLocation = "here" | "ssh" | "container" | "no-display"

/** Files that the container programs put into a container. */
const CONTAINER_FILES = ["/.dockerenv", "/run/.containerenv"]

/**
 * Returns where a browser would open. WSL is `here`: Windows' browser opens and reaches its loopback addresses.
 */
export function browserLocation(world: Pick<World, "sources" | "system" | "isFile">): BrowserLocation {
  const has = (...names: string[]) => names.some((name) => variable(world, name) !== undefined)
  if (has("SSH_CONNECTION", "SSH_TTY", "SSH_CLIENT")) return "ssh"
  if (world.system !== "linux" && world.system !== "freebsd" && world.system !== "openbsd") return "here"
  if (has("CODESPACES", "container") || CONTAINER_FILES.some((file) => world.isFile(file))) return "container"
  if (has("WSL_DISTRO_NAME", "WSL_INTEROP")) return "here"
  return has("DISPLAY", "WAYLAND_DISPLAY") ? "here" : "no-display"
}

const REASONS: Readonly<Record<Exclude<BrowserLocation, "here">, string>> = {
  ssh: "This is an SSH session",
  container: "This is a container",
  "no-display": "This computer has no display",
}

/** Says why no browser opens here. */
export function noBrowserReason(location: Exclude<BrowserLocation, "here">): string {
  return REASONS[location]
}
