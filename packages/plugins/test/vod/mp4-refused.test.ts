import type { Logger } from '@rtmpipe/session'
import { describe, expect, it } from 'vitest'
import { Cinema } from './support/cinema.ts'
import { every, pictures, sounds, told } from './support/mp4-film.ts'
import { aacEntry, avcEntry, box, full, tableMp4, u16, u32 } from './support/mp4.ts'

/** As MP4Box and FFmpeg write it: the original entry under another name, and what the name was in `sinf`. */
function encrypted(entry: Buffer, format: string): Buffer {
  const scheme = box('sinf', box('frma', entry.subarray(4, 8)), full('schm', 0, Buffer.from('cenc'), u32(0x1_0000)))
  return box(format, entry.subarray(8), scheme)
}

const locked = {
  video: pictures(10, { entries: [encrypted(avcEntry(), 'encv')] }),
  audio: sounds(20, { entries: [encrypted(aacEntry(48_000), 'enca')] }),
}
const strange = {
  video: pictures(10, { entries: [box('mp4v', Buffer.alloc(78))] }),
  audio: sounds(20, { entries: [box('alac', Buffer.alloc(6), u16(1), u32(0, 0), u16(2, 16), u32(0), u16(48_000, 0))] }),
}
/** A track whose first second is for everybody. */
const half = {
  ...pictures(10),
  entries: [avcEntry(), encrypted(avcEntry(), 'encv')],
  samples: pictures(10).samples.map((sample, place) => ({ ...sample, description: place < 5 ? 1 : 2 })),
}

interface Line {
  readonly level: string
  readonly fields: object
  readonly message: string
}

function listen(): { readonly lines: Line[]; readonly log: Logger } {
  const lines: Line[] = []
  const at = (level: string) => (fields: object, message: string) => void lines.push({ level, fields, message })
  const log: Logger = { debug() {}, info: at('info'), warn: at('warn'), error: at('error'), child: () => log }
  return { lines, log }
}

describe('a file that can not be played is refused, and the log says why:', () => {
  it.each([
    ['it is encrypted', [locked.video, locked.audio], 'it has video encv (encrypted), audio enca (encrypted)'],
    ['its pictures are', [locked.video, sounds(20)], 'it has video encv (encrypted)'],
    ['its sound is', [pictures(10), locked.audio], 'it has audio enca (encrypted)'],
    ['a part of it is', [half, sounds(20)], 'it has video encv (encrypted)'],
    ['its codecs are unknown', [strange.video, strange.audio], 'it has video mp4v, audio alac'],
  ])('%s', async (_, tracks, reason) => {
    const { lines, log } = listen()
    await using cinema = await Cinema.open({ 'film.mp4': tableMp4(tracks) }, { log })
    await expect(cinema.play('vod/film.mp4')).rejects.toMatchObject({
      statusCode: 'NetStream.Play.NoSupportedTrackFound',
      message: expect.stringContaining(`film.mp4 can not be played: ${reason}`) as string,
    })
    expect(lines).toEqual([
      {
        level: 'warn',
        message: `the file can not be played: ${reason}`,
        fields: { app: 'vod', stream: 'film.mp4', code: 'RTMP_ERR_VOD_CODEC' },
      },
    ])
  })

  it('its media are in another file', async () => {
    const file = tableMp4([pictures(10)])
    const reference = box('dinf', full('dref', 0, u32(1), full('url ', 0, Buffer.from('file:///elsewhere.mov\0'))))
    await using cinema = await Cinema.open({ 'film.mov': withBox(file, reference) })
    await expect(cinema.play('vod/film.mov')).rejects.toMatchObject({
      message: expect.stringContaining('it has video avc1 (in another file)') as string,
    })
    const own = box('dinf', full('dref', 0, u32(1), full('url ', 1)))
    await using other = await Cinema.open({ 'film.mov': withBox(file, own) })
    expect(told(await other.playAll('vod/film.mov'), 9).slice(1)).toEqual(every(10, 40))
  })
})

it.each([
  ['pictures', [strange.video, sounds(20)], 8, every(20, 20), 'video mp4v'],
  ['sound', [pictures(10), strange.audio], 9, every(10, 40), 'audio alac'],
] as const)(
  'a file whose %s can not be played goes without, and the log says so',
  async (_, tracks, kind, wanted, lack) => {
    const { lines, log } = listen()
    await using cinema = await Cinema.open({ 'film.mp4': tableMp4(tracks) }, { log })
    expect(told(await cinema.playAll('vod/film.mp4'), kind).slice(1)).toEqual(wanted)
    expect(lines.map(({ level, message }) => `${level} ${message}`)).toEqual([
      `info a part of the file is not played: it has ${lack}`,
    ])
  },
)

/** Puts a box into `minf`, whose media are before it: all positions stay. */
function withBox(file: Buffer, added: Buffer): Buffer {
  const moov = file.indexOf('moov') - 4
  const mdat = file.indexOf('mdat') - 4
  const size = mdat - moov
  // `moov` goes behind the media, and a box of its size takes its place.
  const index = Buffer.from(file.subarray(moov, mdat))
  const filler = box('free', Buffer.alloc(size - 8))
  const at = index.indexOf('minf') + 4
  for (const name of ['moov', 'trak', 'mdia', 'minf']) {
    const place = index.indexOf(name) - 4
    index.writeUInt32BE(index.readUInt32BE(place) + added.length, place)
  }
  return Buffer.concat([
    file.subarray(0, moov),
    filler,
    file.subarray(mdat),
    index.subarray(0, at),
    added,
    index.subarray(at),
  ])
}
