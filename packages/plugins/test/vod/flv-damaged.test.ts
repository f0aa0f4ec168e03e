import { open } from 'node:fs/promises'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { BlockCache } from '../../src/vod/block-cache.ts'
import { VodError } from '../../src/vod/errors.ts'
import { FlvFile } from '../../src/vod/flv-file.ts'
import { SharedFile } from '../../src/vod/shared-file.ts'
import { TemporaryFolder } from '../../../../test/support/temporary-folder.ts'
import { Cinema } from './support/cinema.ts'
import * as flv from './support/flv.ts'
import { countReads } from './support/reads.ts'

const film = flv.flv([flv.metadata({ duration: 2, width: 320 }), ...flv.headers, ...flv.film(50)])

it('whatever bytes of a file are wrong, it is read or refused', async () => {
  await using folder = await TemporaryFolder.create()
  const change = fc.tuple(fc.nat(film.length - 1), fc.oneof(fc.constantFrom(0, 1, 8, 9, 0x7f, 0xff), fc.nat(255)))
  const cut = fc.oneof(fc.constant(film.length), fc.nat(film.length))
  await fc.assert(
    fc.asyncProperty(fc.array(change, { maxLength: 6 }), cut, fc.nat(3_000), async (changes, length, wanted) => {
      const bytes = Buffer.from(film.subarray(0, length))
      for (const [place, value] of changes) if (place < length) bytes[place] = value
      const handle = await open(folder.file('film.flv'), 'w+')
      const file = new SharedFile(handle, bytes.length, new BlockCache(1))
      try {
        await handle.writeFile(bytes)
        const media = await FlvFile.open(file)
        const start = await media.find(wanted)
        expect(start.timestamp).toBeLessThanOrEqual(wanted)
        for await (const { timestamp } of media.read(start)) expect(timestamp).toBeGreaterThanOrEqual(0)
        expect(media.duration).toBeGreaterThanOrEqual(0)
      } catch (error) {
        if (!(error instanceof VodError)) throw error
      } finally {
        await file.close()
      }
    }),
    { numRuns: 300 },
  )
})

it.each([
  ['zeroes', Buffer.alloc(40_000_000)],
  ['data', Buffer.concat(Array.from({ length: 40 }, () => flv.flv([dataOf(1_000_000)]).subarray(13)))],
])('a file with nothing but %s is not read through', async (_, rest) => {
  const bytes = Buffer.concat([flv.flv([]), rest])
  await using cinema = await Cinema.open({ 'movie.flv': bytes })
  using reads = await countReads()
  await expect(cinema.playAll('vod/movie')).rejects.toThrow('is damaged')
  expect(reads.bytes).toBeLessThan(34_000_000)
})

function dataOf(size: number): flv.Tag {
  const name = Buffer.from('\x02\x00\x03onX', 'latin1')
  return { type: 18, timestamp: 0, body: Buffer.concat([name, Buffer.alloc(size)]) }
}
