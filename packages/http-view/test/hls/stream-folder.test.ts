import { appendFile, mkdir, mkdtemp, readdir, readFile, rename, rm, rmdir, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished, vi } from 'vitest'
import { DvrFolder } from '../../src/hls/dvr/dvr-folder.ts'
import { parseJournal } from '../../src/hls/dvr/journal.ts'
import { Recording } from '../../src/hls/dvr/recording.ts'
import { journalName, StreamFolder } from '../../src/hls/dvr/stream-folder.ts'
import { type Init, Segment } from '../../src/hls/media/segment.ts'
import { CacheTimes } from '../../src/hls/serve/cache-times.ts'

const cache = new CacheTimes(false)
const log = { warn() {}, info() {} } as never

async function temporary(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'dvr-'))
  onTestFinished(() => rm(path, { recursive: true, force: true }))
  return path
}

function segmentOf(number: number, init: Init): Segment {
  return new Segment({ number, name: `main-${number}.m4s`, init, date: number * 1_000, isDiscontinuous: false })
}

const initOf = (name: string): Init => ({ name: `${name}.mp4`, body: Buffer.alloc(1_000, name) })

/** A folder with a room that counts. */
async function folderOf() {
  const room = { bytes: 0, failures: 0 }
  const folder = new StreamFolder(
    join(await temporary(), 'stream'),
    { app: 'live', name: 'stream', began: 0 },
    {
      take: bytes => {
        room.bytes += bytes
        return true
      },
      give: bytes => void (room.bytes -= bytes),
      add() {},
      delete() {},
      failed: () => void (room.failures += 1),
    },
  )
  const put = (segment: Segment, body = Buffer.alloc(100)) =>
    new Promise<boolean>(resolve => {
      folder.put('main', segment, body, resolve)
    })
  return { folder, room, put }
}

it('counts what segments begin with, and removes it with the last of them', async () => {
  const { folder, room, put } = await folderOf()
  const [one, two] = [initOf('one'), initOf('two')]
  for (const [number, init] of [one, one, two].entries()) expect(await put(segmentOf(number, init))).toBe(true)
  expect([room.bytes, folder.bytes]).toEqual([2_300, 2_300])
  folder.remove('main-0.m4s')
  expect(room.bytes).toBe(2_200)
  folder.remove('main-1.m4s')
  expect([room.bytes, folder.bytes]).toEqual([1_100, 1_100])
  await folder.end()
  expect((await readdir(folder.path)).toSorted()).toEqual([journalName, 'main-2.m4s', 'two.mp4'])
  await folder.clear()
  expect(room.bytes).toBe(0)
})

it('leaves nothing of what could not be written, and goes on behind it', async () => {
  const { folder, room, put } = await folderOf()
  const init = initOf('one')
  expect(await put(segmentOf(0, init))).toBe(true)
  const journal = join(folder.path, journalName)
  await rename(journal, `${folder.path}.saved`)
  await mkdir(journal)
  expect(await put(segmentOf(1, init))).toBe(false)
  expect([room.bytes, room.failures]).toEqual([1_100, 1])
  await rmdir(journal)
  await rename(`${folder.path}.saved`, journal)
  // A disk that is full takes a piece.
  await appendFile(journal, '{"of":"main","fi')
  expect(await put(segmentOf(2, init))).toBe(true)
  await folder.end()
  expect(await readdir(folder.path)).not.toContain('main-1.m4s')
  const found = parseJournal(await readFile(journal, 'utf8'))
  expect(found?.segments.map(({ number }) => number)).toEqual([0, 2])
})

it('has no room for what is larger than all, and nothing gives way for it', async () => {
  const folder = await temporary()
  const dvr = new DvrFolder({ seconds: 60, folder, maxBytes: 10_000, keep: 60 }, cache, log)
  await dvr.open()
  const dropOldest = vi.fn(() => false)
  dvr.add({ storedBytes: 1, dropOldest })
  expect([dvr.take(10_001), dropOldest.mock.calls.length]).toEqual([false, 0])
  expect([dvr.take(10_000), dvr.take(1), dropOldest.mock.calls.length]).toEqual([true, false, 1])
})

it('is read once more for who watches it after it was forgotten', async () => {
  const { folder, put } = await folderOf()
  await put(segmentOf(0, initOf('one')))
  folder.describe(() => '#EXTM3U\nmain.m3u8\n')
  await folder.end()
  const recording = await Recording.at(folder.path, cache)
  if (recording === undefined) throw new Error('there is no recording')
  await recording.load()
  expect(recording.file('main-0.m4s')?.body).toMatchObject({ size: 100 })
  recording.unload()
  expect(recording.file('main-0.m4s')).toBeUndefined()
  const answered = (): Promise<unknown> =>
    new Promise(done => {
      const check = () => recording.file('main-0.m4s')
      recording.waiting.add({ check, until: Infinity, owner: recording, done })
    })
  expect(await answered()).toMatchObject({ body: { size: 100 } })
  // And not for who watches what was removed.
  recording.unload()
  await rm(folder.path, { recursive: true })
  recording.file('main-0.m4s')
  expect(await answered()).toMatchObject({ statusCode: 404 })
})

it('is no recording before there was something to play', async () => {
  const { folder, put } = await folderOf()
  await put(segmentOf(0, initOf('one')))
  await folder.end()
  expect(await Recording.at(folder.path, cache)).toBeUndefined()
})

it('leaves alone what another process still writes', async () => {
  const folder = await temporary()
  const write = async (name: string, pid: number, secondsAgo: number) => {
    await mkdir(join(folder, name))
    const journal = join(folder, name, journalName)
    await writeFile(journal, `${JSON.stringify({ app: 'live', name, began: 0, pid })}\n`)
    const time = Date.now() / 1000 - secondsAgo
    await utimes(journal, time, time)
  }
  await write('rtmpipe-hls-aaaaaaaaaaaaaaaa', process.ppid, 1)
  await write('rtmpipe-hls-bbbbbbbbbbbbbbbb', process.ppid, 3_600)
  // More than any system has.
  await write('rtmpipe-hls-cccccccccccccccc', 2 ** 30, 1)
  await write('rtmpipe-hls-dddddddddddddddd', process.pid, 1)
  await new DvrFolder({ seconds: 60, folder, maxBytes: 10_000, keep: 0 }, cache, log).open()
  expect(await readdir(folder)).toEqual(['rtmpipe-hls-aaaaaaaaaaaaaaaa'])
})
