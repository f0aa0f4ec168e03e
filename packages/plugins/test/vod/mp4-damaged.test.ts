import fc from 'fast-check'
import { expect, it } from 'vitest'
import { isMp4Error } from '../../src/mp4/errors.ts'
import type { ByteFile } from '../../src/mp4/movie.ts'
import { openMovie } from '../../src/mp4/open-movie.ts'
import { aacEntry, avcEntry, fragmentedMp4, tableMp4, type TestTrack } from './support/mp4.ts'

const video: TestTrack = {
  kind: 'vide',
  timescale: 1_000,
  entries: [avcEntry()],
  edits: [[1_000, 80]],
  samples: Array.from({ length: 50 }, (_, place) => ({
    duration: 40,
    offset: 80 + (place % 3) * 40,
    isSync: place % 10 === 0,
    data: Buffer.alloc(9, place),
  })),
}
const audio: TestTrack = {
  kind: 'soun',
  timescale: 44_100,
  entries: [aacEntry()],
  samples: Array.from({ length: 86 }, (_, place) => ({ duration: 1_024, data: Buffer.alloc(3, place) })),
}
const files = [
  tableMp4([video, audio]),
  fragmentedMp4([video, audio], 400),
  fragmentedMp4([video, audio], 400, { indexed: true }),
  fragmentedMp4([video, audio], 400, { inTables: 800 }),
  fragmentedMp4([video, audio], 400, { timed: false }),
]

function fileOf(bytes: Buffer): ByteFile {
  const read = async (position: number, length: number): Promise<Buffer> => {
    const start = Math.min(position, bytes.length)
    return bytes.subarray(start, Math.min(start + length, bytes.length))
  }
  return { size: bytes.length, read, peek: read }
}

it('whatever bytes of a file are wrong, it is read or refused', async () => {
  const change = fc.tuple(fc.nat(), fc.oneof(fc.constantFrom(0, 1, 0x7f, 0x80, 0xff), fc.nat(255)))
  const changes = fc.array(change, { minLength: 1, maxLength: 6 })
  const time = fc.double({ min: -1, max: 4, noNaN: true })
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...files), changes, time, async (file, changed, wanted) => {
      const bytes = Buffer.from(file)
      for (const [place, value] of changed) bytes[place % bytes.length] = value
      try {
        const { tracks } = await openMovie(fileOf(bytes))
        for (const track of tracks) {
          let count = 0
          for await (const { decodeTime, compositionOffset, position, size } of track.samples(
            await track.find(wanted),
          )) {
            expect([decodeTime, compositionOffset].every(Number.isFinite)).toBe(true)
            expect(position + size).toBeLessThanOrEqual(bytes.length)
            // A table may say that all samples have no size, so that there is room for as many as it likes.
            if (++count > 1_000) break
          }
        }
      } catch (error) {
        if (!isMp4Error(error)) throw error
      }
    }),
    { numRuns: 600 },
  )
})
