import type { FakePlatform } from "./fake-platform.ts"

/** A platform on which `event` happens during each wait, before it ends. @param event gets the number of the wait */
export function atEachPause(platform: FakePlatform, event: (pause: number) => Promise<unknown>): FakePlatform {
  let pauses = 0
  return {
    ...platform,
    async sleep(ms, signal) {
      await event(++pauses)
      return platform.sleep(ms, signal)
    },
  }
}
