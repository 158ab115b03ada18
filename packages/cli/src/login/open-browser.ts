import open from "open"

/**
 * Opens a URL in the default browser of this system, and of Windows in WSL. No shell sees the URL.
 * @throws the error of an opener that cannot be started
 */
export async function openBrowser(url: string): Promise<void> {
  await open(url)
}
