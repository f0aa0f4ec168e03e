import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { repair } from '../../src/record/index.ts'
import { temporaryFolder } from '../record/support/folder.ts'
import { avcEntry, box, full, tableMp4, type TestTrack, u8, u16, u32 } from '../vod/support/mp4.ts'

const pictures: TestTrack = {
  kind: 'vide',
  timescale: 1_000,
  entries: [avcEntry()],
  samples: Array.from({ length: 25 }, (_, place) => ({ duration: 40, isSync: place === 0, data: u8(place) })),
}
/** Uncompressed: every moment of the sound is a sample. */
const sounds: TestTrack = {
  kind: 'soun',
  timescale: 48_000,
  entries: [box('sowt', Buffer.alloc(6), u16(1), u32(0, 0), u16(2, 16), u32(0), u16(48_000, 0))],
  samples: [{ duration: 4_560_000, data: u8(1) }],
}

/** The tables say that there are many; the header says how long they last. */
function fileOf(tracks: readonly TestTrack[], said: readonly number[]): Buffer {
  const stbl = ({ kind, samples }: TestTrack): Buffer[] =>
    kind === 'soun'
      ? [full('stsz', 0, u32(4, 4_560_000))]
      : [full('stsz', 0, u32(0, samples.length, ...samples.map(({ data }) => data.length)))]
  const file = tableMp4(tracks, { stbl })
  let at = 0
  for (const duration of said) {
    at = file.indexOf('mdhd', at) + 4
    file.writeUInt32BE(duration, at + 16)
  }
  return file
}

describe('a repair of a file with uncompressed sound', () => {
  it.each([
    ['lasts as long as its pictures and its sound', [pictures, sounds], [1_000, 4_560_000], 95_000],
    ['lasts as long as its pictures where nothing is said of the sound', [pictures, sounds], [0, 0xffff_ffff], 1_000],
    ['lasts as long as its sound where there is nothing else', [sounds], [4_560_000], 95_000],
  ])('%s', async (_, tracks, said, duration) => {
    const path = join(temporaryFolder(), 'film.mp4')
    writeFileSync(path, fileOf(tracks, said))
    expect(await repair(path)).toMatchObject({ format: 'mp4', duration, cut: 0 })
  })
})
