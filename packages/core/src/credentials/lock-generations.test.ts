import { mkdir, readdir, readFile, rm, stat, utimes, writeFile } from "node:fs/promises"
import { dirname, join } from "node:path"
import { fakePlatform } from "qwen-auth-testing/fake-platform"
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
const mode = async (path: string) => ((await stat(path)).mode & 0o777).toString(8)

/** A lock folder with these files in it. */
async function folderWith(...files: string[]) {
  const folder = await lockFolder()
  await mkdir(folder, { recursive: true })
  for (const file of files) await writeFile(join(folder, file), "")
  return folder
}

async function claimed(folder: string, number: number, pid = 4242): Promise<OwnedGeneration> {
  const owned = await claimGeneration(fakePlatform({ pid }), folder, number)
  if (owned === undefined) throw new Error(`number ${number} was not to be had`)
  return owned
}

describe("the newest number", () => {
  it.each([
    ["no folder", undefined, undefined],
    ["an empty folder", [], undefined],
    ["one holder", ["1"], { number: 1, free: false }],
    ["one who let go", ["1.free"], { number: 1, free: true }],
    ["a holder after one who let go", ["1.free", "2"], { number: 2, free: false }],
    ["ten after nine: numbers, not texts", ["9.free", "10"], { number: 10, free: false }],
    ["a slow claim of a number that is over", ["3", "3.free"], { number: 3, free: true }],
    ["files of others", [".DS_Store", "notes", "5.free.tmp", "-6", "7.0", "8.FREE", "1".repeat(16)], undefined],
    ["files of others beside ours", ["9.tmp", "4.free", "lock"], { number: 4, free: true }],
  ])("%s", async (_, files, newest) => {
    const folder = files === undefined ? await lockFolder() : await folderWith(...files)
    const found = await newestGeneration(folder)
    expect(found && { number: found.number, free: found.free }).toEqual(newest)
  })

  it("has a sign of life that changes when its file is touched, and not by itself", async () => {
    const folder = await folderWith("1")
    const before = await newestGeneration(folder)
    expect(await newestGeneration(folder)).toEqual(before)
    await utimes(join(folder, "1"), 1, 1)
    expect((await newestGeneration(folder))?.heartbeat).not.toBe(before?.heartbeat)
  })

  it("of a folder that cannot be listed is the system's error, not a free lock", async () => {
    const folder = await lockFolder()
    await mkdir(dirname(folder), { recursive: true })
    await writeFile(folder, "")
    await expect(newestGeneration(folder)).rejects.toMatchObject({ code: "ENOTDIR" })
  })
})

describe("a claim", () => {
  it("makes the folders, and a file that names the process", async () => {
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

  it.skipIf(process.platform === "win32")("is its owner's alone", async () => {
    const folder = await lockFolder()
    await claimed(folder, 1)
    expect([await mode(dirname(folder)), await mode(folder), await mode(join(folder, "1"))]).toEqual([
      "700",
      "700",
      "600",
    ])
  })

  it("of one number by 20 processes at once is won by exactly one", async () => {
    const folder = await lockFolder()
    const pids = Array.from({ length: 20 }, (_, index) => index + 1)
    const claims = await Promise.all(pids.map((pid) => claimGeneration(fakePlatform({ pid }), folder, 1)))
    const won = claims.filter((owned) => owned !== undefined)
    expect(won).toHaveLength(1)
    expect(won[0]?.text).toBe(await readFile(join(folder, "1"), "utf8"))
    expect(await names(folder)).toEqual(["1"])
  })

  it.each([1, 2, 3])("that comes when number %i is long over is refused and leaves no file", async (number) => {
    const folder = await lockFolder()
    for (const earlier of [1, 2, 3]) await freeGeneration(await claimed(folder, earlier))
    const holder = await claimed(folder, 4)
    const before = await names(folder)
    expect(await claimGeneration(fakePlatform({ pid: 99 }), folder, number)).toBeUndefined()
    expect(await names(folder)).toEqual(before)
    expect(await stillOwns(holder)).toBe(true)
  })

  it("of the number that was just let go is refused and leaves it free", async () => {
    const folder = await lockFolder()
    await freeGeneration(await claimed(folder, 1))
    expect(await claimGeneration(fakePlatform(), folder, 1)).toBeUndefined()
    expect(await names(folder)).toEqual(["1.free"])
  })

  it("removes what is older than the number before it, and nothing of others", async () => {
    const folder = await folderWith("1.free", "2", "3.free", "notes")
    await claimed(folder, 4)
    expect(await names(folder)).toEqual(["3.free", "4", "notes"])
  })

  it("where no file can be made is the system's error", async () => {
    const file = join(await temporaryFolder(), "file")
    await writeFile(file, "")
    await expect(claimGeneration(fakePlatform(), join(file, "lock"), 1)).rejects.toMatchObject({ code: "ENOTDIR" })
  })
})

describe("who made a number", () => {
  it("is in its file", async () => {
    const folder = await lockFolder()
    await claimed(folder, 1, 77)
    expect(await ownerOf(folder, 1)).toEqual({ pid: 77, host: "this-machine" })
  })

  it.each(["", "{", "[]", '{"pid":77}', '{"pid":"77","host":"h"}', '{"pid":0,"host":"h"}', '{"pid":1.5,"host":"h"}'])(
    "is not known from %j",
    async (text) => {
      const folder = await folderWith()
      await writeFile(join(folder, "1"), text)
      expect(await ownerOf(folder, 1)).toBeUndefined()
    },
  )

  it("is not known when the file is gone", async () => {
    expect(await ownerOf(await lockFolder(), 1)).toBeUndefined()
  })
})

describe("a number is ours no more", () => {
  it.each([
    ["when a newer one was made", async (folder: string) => void (await claimed(folder, 2))],
    ["when a newer one was made and let go", async (folder: string) => freeGeneration(await claimed(folder, 2))],
    ["when the file is another's", async (folder: string) => writeFile(join(folder, "1"), '{"pid":1,"host":"h"}')],
    ["when the file is gone", async (folder: string) => rm(join(folder, "1"))],
    ["when the folder is gone", async (folder: string) => rm(folder, { recursive: true })],
  ])("%s", async (_, happens) => {
    const folder = await lockFolder()
    const owned = await claimed(folder, 1)
    await happens(folder)
    expect(await stillOwns(owned)).toBe(false)
  })

  it("when it was let go; its file stays, so that the number is never made twice", async () => {
    const folder = await lockFolder()
    const owned = await claimed(folder, 1)
    await freeGeneration(owned)
    expect(await stillOwns(owned)).toBe(false)
    expect(await names(folder)).toEqual(["1.free"])
  })

  it("and letting go of it then is no error", async () => {
    const folder = await lockFolder()
    const owned = await claimed(folder, 1)
    await rm(folder, { recursive: true })
    await expect(freeGeneration(owned)).resolves.toBeUndefined()
  })
})
