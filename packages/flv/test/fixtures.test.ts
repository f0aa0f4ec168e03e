import { readFile, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createReadStream, createWriteStream } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { FlvDemuxStage, FlvMuxer, FlvMuxStage, metadataOf } from '@rtmpipe/flv'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { demux } from './support/demux.ts'
import { allFixtures, fixturePath, legacyFixtures, readFixture, readListing } from './support/fixtures.ts'
import { listMessages } from './support/listing.ts'
import { ffprobe, libav } from './support/readers.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rtmpipe-flv-'))
})
afterAll(() => rm(folder, { recursive: true }))

describe.each(allFixtures)('%s', name => {
  test('is read as by another demuxer', () => {
    expect(listMessages(demux(readFixture(name)))).toEqual(readListing(name))
  })

  test('is the same bytes after demux and mux', () => {
    const muxer = new FlvMuxer()
    const messages = demux(readFixture(name))
    expect(Buffer.concat([muxer.header(), ...messages.map(message => muxer.tag(message))])).toEqual(readFixture(name))
  })

  test('keeps all payloads and frame times through both stages', async () => {
    const path = join(folder, `${name}.flv`)
    await pipeline(createReadStream(fixturePath(name)), new FlvDemuxStage(), new FlvMuxStage(), createWriteStream(path))
    const messages = demux(await readFile(path))
    expect(messages.map(({ payload }) => payload)).toEqual(demux(readFixture(name)).map(({ payload }) => payload))
    expect(listMessages(messages)).toEqual(readListing(name))
  })

  test('begins with its metadata', () => {
    const [first] = demux(readFixture(name))
    expect(metadataOf(first!.payload)).toMatchObject({
      width: 64,
      audiosamplesize: 16,
      filesize: readFixture(name).length,
    })
  })

  test('recorded from a late start, it is what FFmpeg 8.1 found in the original', async context => {
    const path = join(folder, `${name}-late.flv`)
    await writeFile(path, await recordedLate(name))
    expect(await libav(context, path)).toEqual(readListing(name))
  })
})

describe.each(legacyFixtures)('%s', name => {
  test('recorded from a late start, it is what ffprobe found in the original', async context => {
    const path = join(folder, `${name}-late.flv`)
    await writeFile(path, await recordedLate(name))
    expect(await ffprobe(context, path)).toEqual(readListing(name))
  })
})

/** The fixture as a live stream which has been up until shortly before timestamps wrap, recorded. */
async function recordedLate(name: string): Promise<Buffer> {
  const stage = new FlvMuxStage()
  for (const message of demux(readFixture(name))) {
    stage.write({ ...message, timestamp: (message.timestamp + 2 ** 32 - 500) % 2 ** 32 })
  }
  stage.end()
  return Buffer.concat(await stage.toArray())
}
