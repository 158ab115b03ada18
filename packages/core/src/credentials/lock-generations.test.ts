import { mkdir, readdir, readFile, rm, utimes, writeFile } from "node:fs/promises"
import { dirname, join } from "node:path"
import { fakePlatform } from "qwen-auth-testing/fake-platform"
import { modeOf } from "qwen-auth-testing/mode-of"
import { temporaryFolders } from "qwen-auth-testing/temporary-folder"
import { describe, expect, it } from "vitest"
import {
  claimGeneration,
  freeGeneration,
  newestGeneration,
  type OwnedGeneration,
  ownerOf,
  stillOwns,
} from "./lock-generations.ts"

const temporaryFolder = temporaryFolders()
const lockFolder = async () => join(await temporaryFolder(), "qwen", "oauth_token.json.lock")
const names = async (folder: string) => (await readdir(folder)).sort()

/** A lock folder with these files in it. */
async function folderWith(...files: string[]) {
  const folder = await lockFolder()
  await mkdir(folder, { recursive: true })
  for (const file of files) await writeFile(join(folder, file), "")
  return folder
}

async function claimed(folder: string, number: number, pid = 4242): Promise<OwnedGeneration> {
  const owned = await claimGeneration(fakePlatform({ pid }), folder, number)
  if (owned === undefined) throw new Error(`number ${number} was not claimed`)
  return owned
}

describe("the newest number", () => {
  it.each([
    ["is missing without a folder", undefined, undefined],
    ["is missing in an empty folder", [], undefined],
    ["is the only holder's", ["1"], { number: 1, free: false }],
    ["is free after its release", ["1.free"], { number: 1, free: true }],
    ["is the holder's after a released one", ["1.free", "2"], { number: 2, free: false }],
    ["is compared as a number, not as text", ["9.free", "10"], { number: 10, free: false }],
    ["is free although a late claim of it exists", ["3", "3.free"], { number: 3, free: true }],
    [
      "is missing among files of other programs",
      [".DS_Store", "notes", "5.free.tmp", "-6", "7.0", "8.FREE", "1".repeat(16)],
      undefined,
    ],
    ["is found among files of other programs", ["9.tmp", "4.free", "lock"], { number: 4, free: true }],
  ])("%s", async (_, files, newest) => {
    const folder = files === undefined ? await lockFolder() : await folderWith(...files)
    const found = await newestGeneration(folder)
    expect(found && { number: found.number, free: found.free }).toEqual(newest)
  })

  it("has a heartbeat that changes only if its file is touched", async () => {
    const folder = await folderWith("1")
    const before = await newestGeneration(folder)
    expect(await newestGeneration(folder)).toEqual(before)
    await utimes(join(folder, "1"), 1, 1)
    expect((await newestGeneration(folder))?.heartbeat).not.toBe(before?.heartbeat)
  })

  it("is the system's error if the folder cannot be listed", async () => {
    const folder = await lockFolder()
    await mkdir(dirname(folder), { recursive: true })
    await writeFile(folder, "")
    await expect(newestGeneration(folder)).rejects.toMatchObject({ code: "ENOTDIR" })
  })
})

describe("a claim", () => {
  it("creates the folders and a file that names the process", async () => {
    const folder = await lockFolder()
    const owned = await claimed(folder, 1, 77)
    expect(await names(folder)).toEqual(["1"])
    expect(JSON.parse(await readFile(join(folder, "1"), "utf8"))).toEqual({
      pid: 77,
      host: "this-machine",
      nonce: expect.stringMatching(/^[0-9a-f]{32}$/),
    })
    expect(await stillOwns(owned)).toBe(true)
  })

  it.skipIf(process.platform === "win32")("can be read by its owner only", async () => {
    const folder = await lockFolder()
    await claimed(folder, 1)
    expect([await modeOf(dirname(folder)), await modeOf(folder), await modeOf(join(folder, "1"))]).toEqual([
      "700",
      "700",
      "600",
    ])
  })

  it("succeeds for exactly one of 20 processes at once", async () => {
    const folder = await lockFolder()
    const pids = Array.from({ length: 20 }, (_, index) => index + 1)
    const claims = await Promise.all(pids.map((pid) => claimGeneration(fakePlatform({ pid }), folder, 1)))
    const won = claims.filter((owned) => owned !== undefined)
    expect(won).toHaveLength(1)
    expect(won[0]?.text).toBe(await readFile(join(folder, "1"), "utf8"))
    expect(await names(folder)).toEqual(["1"])
  })

  it.each([1, 2, 3])("of the long released number %i is refused and leaves no file", async (number) => {
    const folder = await lockFolder()
    for (const earlier of [1, 2, 3]) await freeGeneration(await claimed(folder, earlier))
    const holder = await claimed(folder, 4)
    const before = await names(folder)
    expect(await claimGeneration(fakePlatform({ pid: 99 }), folder, number)).toBeUndefined()
    expect(await names(folder)).toEqual(before)
    expect(await stillOwns(holder)).toBe(true)
  })

  it("of the number that was just released is refused and leaves it free", async () => {
    const folder = await lockFolder()
    await freeGeneration(await claimed(folder, 1))
    expect(await claimGeneration(fakePlatform(), folder, 1)).toBeUndefined()
    expect(await names(folder)).toEqual(["1.free"])
  })

  it("removes numbers older than the previous one, and no other files", async () => {
    const folder = await folderWith("1.free", "2", "3.free", "notes")
    await claimed(folder, 4)
    expect(await names(folder)).toEqual(["3.free", "4", "notes"])
  })

  it("is the system's error if no file can be created", async () => {
    const file = join(await temporaryFolder(), "file")
    await writeFile(file, "")
    await expect(claimGeneration(fakePlatform(), join(file, "lock"), 1)).rejects.toMatchObject({ code: "ENOTDIR" })
  })
})

describe("the owner of a number", () => {
  it("is read from its file", async () => {
    const folder = await lockFolder()
    await claimed(folder, 1, 77)
    expect(await ownerOf(folder, 1)).toEqual({ pid: 77, host: "this-machine" })
  })

  it.each(["", "{", "[]", '{"pid":77}', '{"pid":"77","host":"h"}', '{"pid":0,"host":"h"}', '{"pid":1.5,"host":"h"}'])(
    "is unknown if the file contains %j",
    async (text) => {
      const folder = await folderWith()
      await writeFile(join(folder, "1"), text)
      expect(await ownerOf(folder, 1)).toBeUndefined()
    },
  )

  it("is unknown if the file is gone", async () => {
    expect(await ownerOf(await lockFolder(), 1)).toBeUndefined()
  })
})

describe("a claimed number is lost", () => {
  it.each([
    ["when a newer one is claimed", async (folder: string) => void (await claimed(folder, 2))],
    ["when a newer one is claimed and released", async (folder: string) => freeGeneration(await claimed(folder, 2))],
    ["when the file has other content", async (folder: string) => writeFile(join(folder, "1"), '{"pid":1,"host":"h"}')],
    ["when the file is gone", async (folder: string) => rm(join(folder, "1"))],
    ["when the folder is gone", async (folder: string) => rm(folder, { recursive: true })],
  ])("%s", async (_, happens) => {
    const folder = await lockFolder()
    const owned = await claimed(folder, 1)
    await happens(folder)
    expect(await stillOwns(owned)).toBe(false)
  })

  it("by its release, whose file stays, so that no number is claimed twice", async () => {
    const folder = await lockFolder()
    const owned = await claimed(folder, 1)
    await freeGeneration(owned)
    expect(await stillOwns(owned)).toBe(false)
    expect(await names(folder)).toEqual(["1.free"])
  })

  it("and its release then succeeds silently", async () => {
    const folder = await lockFolder()
    const owned = await claimed(folder, 1)
    await rm(folder, { recursive: true })
    await expect(freeGeneration(owned)).resolves.toBeUndefined()
  })
})
