import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Plugin } from '@rtmpipe/session'
import { sampleStream, TestServer } from '@rtmpipe/testing'
import { describe, expect, it } from 'vitest'
import { record, repair, type RepairedFile } from '../../src/record/index.ts'
import { framesOf, readFlv } from './support/flv-file.ts'
import { filesBelow, temporaryFolder } from './support/folder.ts'
import { RecordingServer } from './support/recorded.ts'

const fixtures = fileURLToPath(new URL('../../../flv/test/fixtures', import.meta.url))
const stream = sampleStream(12, 4)
/** Nobody's. */
const deadProcess = 2 ** 22 + 1

async function recording(format: 'flv' | 'mp4' = 'flv'): Promise<Buffer> {
  await using server = new RecordingServer({
    dir: temporaryFolder(),
    format,
    segment: { atKeyframe: false, duration: 5_000 },
  })
  await server.publish('live/cam', stream)
  const [recorded] = await server.recorded(1)
  return readFileSync(recorded?.file ?? '')
}

describe('repair', () => {
  it('makes a playable file of an FLV recording cut at any byte', async () => {
    const whole = await recording()
    const dir = temporaryFolder()
    const file = join(dir, 'cut.flv')
    writeFileSync(file, whole)
    const all = readFlv(file).frames
    // As it is while it is written: without facts in its metadata.
    const length = 13 + 15 + whole.readUIntBE(14, 3)
    let most = 0
    for (let size = length; size < whole.length; size += 23) {
      writeFileSync(file, whole.subarray(0, size))
      let repaired: RepairedFile
      try {
        repaired = await repair(file)
      } catch (error) {
        expect(error).toMatchObject({ code: 'RTMP_ERR_RECORD_EMPTY' })
        expect(most).toBe(0)
        expect(statSync(file).size).toBe(size)
        continue
      }
      rmSync(`${file}.cut`, { force: true })
      const read = readFlv(file)
      expect(read.frames).toEqual(all.slice(0, read.frames.length))
      expect(read.frames.length).toBeGreaterThanOrEqual(most)
      most = read.frames.length
      expect(repaired).toMatchObject({
        file,
        format: 'flv',
        bytes: read.bytes.length,
        cut: Math.max(0, size - read.bytes.length),
      })
      expect(read.metadata).toMatchObject({ duration: repaired.duration / 1000, filesize: read.bytes.length })
      for (const position of read.filePositions) expect(read.bytes[position]).toBe(9)
    }
    expect(most).toBeGreaterThanOrEqual(all.length - 1)
  })

  it('leaves a whole file as it is', async () => {
    const dir = temporaryFolder()
    const whole = await recording()
    writeFileSync(join(dir, 'whole.flv'), whole)
    expect(await repair(join(dir, 'whole.flv'))).toMatchObject({ cut: 0, duration: 500 })
    expect(readFileSync(join(dir, 'whole.flv')).equals(whole)).toBe(true)
  })

  it.each(['h264-aac', 'hevc-opus', 'multitrack', 'h263-mp3'])('completes what others wrote: %s', async name => {
    const file = join(temporaryFolder(), 'other.flv')
    copyFileSync(join(fixtures, `${name}.flv`), file)
    const before = readFlv(file)
    expect(await repair(file)).toMatchObject({ cut: 0 })
    expect(readFileSync(file).equals(before.bytes)).toBe(true)
    writeFileSync(file, before.bytes.subarray(0, before.bytes.length - 7))
    const { duration, cut } = await repair(file)
    const after = readFlv(file)
    expect(cut).toBeGreaterThan(0)
    expect(after.frames).toEqual(before.frames.slice(0, after.frames.length))
    expect(after.metadata).toMatchObject({ duration: duration / 1000, filesize: after.bytes.length })
    const others = (metadata: object): object => ({ ...metadata, duration: 0, filesize: 0 })
    expect(others(after.metadata)).toEqual(others(before.metadata))
  })

  it.each([
    ['nothing', '', 'RTMP_ERR_RECORD_EMPTY'],
    ['only a header', Buffer.from('464c5601050000000900000000', 'hex'), 'RTMP_ERR_RECORD_EMPTY'],
    ['an MP4 header', Buffer.from('00000010667479706d70343200000000', 'hex'), 'RTMP_ERR_RECORD_EMPTY'],
    ['text', 'To whom it may concern', 'RTMP_ERR_RECORD_DAMAGED'],
  ])('leaves %s alone', async (_, bytes, code) => {
    const file = join(temporaryFolder(), 'x.flv')
    writeFileSync(file, bytes)
    await expect(repair(file)).rejects.toMatchObject({ code })
    expect(readFileSync(file).equals(Buffer.from(bytes))).toBe(true)
  })

  it('keeps beside a file what it cuts off, and never replaces what is there', async () => {
    const dir = temporaryFolder()
    const file = join(dir, 'cam.flv')
    const whole = await recording()
    const { bytes: complete } = await repairOf(whole.subarray(0, -9))
    for (const name of ['cam.flv.cut', 'cam.flv~2.cut']) {
      writeFileSync(file, whole.subarray(0, -9))
      const { cut, kept } = await repair(file)
      expect(kept).toBe(join(dir, name))
      expect(cut).toBeGreaterThan(100)
      expect(readFileSync(join(dir, name)).equals(whole.subarray(complete.length, -9))).toBe(true)
    }
    // Of a .part it is named like the file that it becomes.
    const part = join(dir, `later.mp4.${deadProcess}.part`)
    const mp4 = await recording('mp4')
    writeFileSync(part, mp4.subarray(0, -9))
    expect(await repair(part)).toMatchObject({ file: join(dir, 'later.mp4'), kept: join(dir, 'later.mp4.cut') })
    expect(readFileSync(join(dir, 'later.mp4.cut')).equals(mp4.subarray(mp4.indexOf('mfra') - 4, -9))).toBe(true)
  })

  it('gives a last frame its back pointer, and cuts nothing off', async () => {
    const whole = await recording()
    for (const size of [1, 2, 3, 4]) {
      const { bytes, repaired } = await repairOf(whole.subarray(0, -size))
      expect(repaired).toMatchObject({ cut: 0, bytes: whole.length })
      expect(bytes.equals(whole)).toBe(true)
    }
  })

  it('cuts off the zeroes that a power cut leaves, with the frame that they reach into', async () => {
    const whole = await recording()
    const zeroes = Buffer.alloc(1024 * 1024)
    const { repaired, bytes } = await repairOf(Buffer.concat([whole, zeroes]))
    expect(repaired).toMatchObject({ cut: zeroes.length, bytes: whole.length })
    expect(repaired).not.toHaveProperty('kept')
    expect(bytes.equals(whole)).toBe(true)
    const half = await repairOf(Buffer.concat([whole.subarray(0, -90), zeroes]))
    const expected = await repairOf(whole.subarray(0, -90))
    expect(half.frames).toEqual(expected.frames)
    expect(half.frames.length).toBe(framesOf(stream).length - 1)
    expect(half.repaired.duration).toBe(expected.repaired.duration)
    expect(half.repaired.kept).toBeDefined()
    const mp4 = await recording('mp4')
    const { repaired: other } = await repairOf(Buffer.concat([mp4, zeroes]), 'mp4')
    expect(other).toMatchObject({ cut: zeroes.length, bytes: mp4.length })
  })

  it('leaves a file alone that does not end like an unfinished one, and says so', async () => {
    const [whole, mp4] = [await recording(), await recording('mp4')]
    const text = Buffer.from('To whom it may concern: this is no tag')
    const damagedSize = Buffer.concat([Buffer.from('09ffffff000000', 'hex'), whole.subarray(13)])
    // The index of the second fragment is gone, but not what is behind it.
    const damaged = Buffer.from(mp4)
    damaged.writeUInt32BE(0x7fff_ffff, damaged.indexOf('moof', damaged.indexOf('moof') + 4) - 4)
    for (const [format, bytes] of [
      ['flv', Buffer.concat([whole, text])],
      ['flv', Buffer.concat([whole, Buffer.alloc(66 * 1024 * 1024, 0xff)])],
      ['flv', Buffer.concat([whole, damagedSize])],
      ['flv', Buffer.concat([whole.subarray(0, 13), text])],
      ['mp4', Buffer.concat([mp4, text])],
      ['mp4', damaged],
      ['mp4', Buffer.concat([mp4.subarray(0, mp4.indexOf('moof') - 4), text])],
    ] as const) {
      const file = join(temporaryFolder(), `x.${format}`)
      writeFileSync(file, bytes)
      await expect(repair(file)).rejects.toMatchObject({
        code: 'RTMP_ERR_RECORD_DAMAGED',
        message: /nothing was changed/,
      })
      expect(readFileSync(file).equals(bytes)).toBe(true)
      expect(existsSync(`${file}.cut`)).toBe(false)
    }
  })
})

/** What a repair makes of these bytes. */
async function repairOf(before: Buffer, extension = 'flv') {
  const file = join(temporaryFolder(), `x.${extension}`)
  writeFileSync(file, before)
  const repaired = await repair(file)
  const { bytes, frames } = extension === 'flv' ? readFlv(file) : { bytes: readFileSync(file), frames: [] }
  return { repaired, bytes, frames }
}

describe('what players play', () => {
  const strangeTag = (type: number): Buffer => {
    const bytes = Buffer.alloc(45, 1)
    bytes.writeUInt32BE(type * 0x100_0000 + 30, 0)
    return bytes
  }

  it.each([
    [
      'a tag of an unknown type',
      (whole: Buffer, at: number) => [whole.subarray(0, at), strangeTag(22), whole.subarray(at)],
    ],
    ['an encrypted tag', (whole: Buffer, at: number) => [whole.subarray(0, at), strangeTag(0x29), whole.subarray(at)]],
    ['a tag with a stream id', (whole: Buffer, at: number) => [whole.fill(1, at + 10, at + 11)]],
    ['a file behind the file', (whole: Buffer) => [whole, whole]],
    ['a file behind one without its last back pointer', (whole: Buffer) => [whole.subarray(0, -4), whole]],
    ['a last frame without its back pointer', (whole: Buffer) => [whole.subarray(0, -3)]],
    ['an encrypted tag at the end', (whole: Buffer) => [whole, strangeTag(0x28)]],
    [
      'a file with a longer header',
      (whole: Buffer) => [Buffer.from('464c56010500000010', 'hex'), Buffer.alloc(7), whole.subarray(9)],
    ],
  ])('is not cut off: %s', async (_, changed) => {
    const whole = await recording()
    // Behind the metadata.
    const at = 13 + 15 + whole.readUIntBE(14, 3)
    const odd = Buffer.concat(changed(whole, at))
    const dir = temporaryFolder()
    const file = join(dir, 'odd.flv')
    writeFileSync(file, odd)
    const before = readFlv(file)
    expect(await repair(file)).toMatchObject({ cut: 0 })
    expect(readFlv(file).frames).toEqual(before.frames)
    expect(before.frames.length).toBeGreaterThanOrEqual(framesOf(stream).length)
    // And a publisher goes on behind it.
    const [, { frames }] = await appendedTo(odd)
    expect(frames).toEqual([...before.frames, ...framesOf(stream)])
  })

  it('is not cut off for a publisher who appends to a damaged file: another begins, and it is told', async () => {
    const damaged = Buffer.concat([await recording(), Buffer.from('To whom it may concern')])
    const [server, { bytes }, dir] = await appendedTo(damaged)
    expect(bytes.equals(damaged)).toBe(true)
    expect(server.failures).toMatchObject([
      { error: { code: 'RTMP_ERR_RECORD_DAMAGED' }, streamName: 'cam', file: join(dir, 'cam.flv') },
    ])
    expect(filesBelow(dir)).toEqual(['cam.flv', 'cam~2.flv'])
    expect(readFlv(join(dir, 'cam~2.flv')).frames).toEqual(framesOf(stream))
  })

  it('what is cut off before something is appended is kept beside the file', async () => {
    const whole = await recording()
    const [server, { frames }, dir] = await appendedTo(whole.subarray(0, -9))
    expect(server.failures).toEqual([])
    expect(frames).toEqual([...framesOf(stream).slice(0, -1), ...framesOf(stream)])
    expect(filesBelow(dir)).toEqual(['cam.flv', 'cam.flv.cut'])
  })

  /** A file, after a publisher has appended to it. */
  async function appendedTo(before: Buffer) {
    const dir = temporaryFolder()
    writeFileSync(join(dir, 'cam.flv'), before)
    await using server = new RecordingServer({ dir, name: '{stream}' })
    await server.publish('live/cam', stream, 'append')
    await server.complete()
    return [server, readFlv(join(dir, 'cam.flv')), dir] as const
  }
})

describe('a server that starts', () => {
  it('repairs what a dead process has left, and nothing else', async () => {
    const dir = temporaryFolder()
    const whole = await recording()
    mkdirSync(join(dir, 'live'))
    const parts = {
      [`live/a.flv.${deadProcess}.part`]: whole.subarray(0, -9),
      [`live/b.flv.${process.ppid}.part`]: whole,
      [`live/c.flv.${deadProcess}.part`]: whole.subarray(0, 20),
      [`live/d.flv.${process.pid}.part`]: whole,
      [`live/e.flv.part`]: whole,
      [`live/a.flv`]: Buffer.from('taken'),
      [`live/f.flv.${deadProcess}.part`]: Buffer.from('To whom it may concern'),
    }
    for (const [name, bytes] of Object.entries(parts)) writeFileSync(join(dir, name), bytes)
    const repaired: RepairedFile[] = []
    const failed: (string | undefined)[] = []
    const recorder = record({
      dir,
      onRepaired: file => void repaired.push(file),
      onRecordError: ({ file }) => void failed.push(file),
    })
    {
      await using server = new TestServer({ plugins: [recorder] })
      await server.server.listen()
      await server.server.close()
    }
    expect(repaired.map(({ file }) => file).sort()).toEqual(['live/a~2.flv', 'live/d.flv'].map(name => join(dir, name)))
    expect(failed).toEqual([join(dir, `live/f.flv.${deadProcess}.part`)])
    expect(filesBelow(dir)).toEqual(
      [
        'live/a~2.flv',
        'live/a.flv',
        'live/d.flv',
        'live/e.flv.part',
        `live/b.flv.${process.ppid}.part`,
        `live/f.flv.${process.pid}.part`,
      ].sort(),
    )
    expect(readFlv(join(dir, 'live/a~2.flv')).frames).toEqual(framesOf(stream).slice(0, -1))
  })

  it('shares the work with others that start at the same time', async () => {
    const dir = temporaryFolder()
    const whole = await recording()
    const names = Array.from({ length: 20 }, (_, index) => join(dir, `${index}.flv`))
    for (const name of names) writeFileSync(`${name}.${deadProcess}.part`, whole.subarray(0, -9))
    const repaired: string[] = []
    const failed: unknown[] = []
    const recorder = (): Plugin =>
      record({ dir, onRepaired: ({ file }) => void repaired.push(file), onRecordError: it => void failed.push(it) })
    await using server = new TestServer({ plugins: [recorder(), recorder(), recorder()] })
    await server.server.listen()
    expect(failed).toEqual([])
    expect(repaired.sort()).toEqual([...names].sort())
    expect(filesBelow(dir)).toHaveLength(20)
  })

  it('makes nothing of a folder that is not there', async () => {
    const dir = join(temporaryFolder(), 'later')
    await using server = new RecordingServer({ dir })
    await server.server.server.listen()
    expect(existsSync(dir)).toBe(false)
    expect(server.failures).toEqual([])
  })
})

it('repair gives a .part its name', async () => {
  const part = join(temporaryFolder(), `cam.flv.${deadProcess}.part`)
  writeFileSync(part, (await recording()).subarray(0, -2))
  const { file } = await repair(part)
  expect(file).toBe(part.replace(/\.\d+\.part$/, ''))
  expect([existsSync(part), existsSync(file)]).toEqual([false, true])
})
