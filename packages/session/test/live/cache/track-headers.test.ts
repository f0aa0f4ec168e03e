import type { RtmpMessage } from '@rtmpipe/chunk-stream'
import { describe, expect, it } from 'vitest'
import { defaultGopCacheLimits } from '../../../src/live/cache/gop-cache.ts'
import { mediaRole } from '../../../src/protocol/media-role.ts'
import { StreamCache } from '../../../src/live/cache/stream-cache.ts'
import { defaultTrackHeaderLimits, TrackHeaders } from '../../../src/live/cache/track-headers.ts'
import { samples } from '@rtmpipe/testing'
import { audio, fourCc, track, tracks, video } from '../support/tracks.ts'

const { avc1, hvc1, av01, vp09, mp4a, opus } = fourCc

function kept(...messages: RtmpMessage[]): string[] {
  const cache = new StreamCache(false)
  for (const message of messages) cache.add(message, mediaRole(message))
  return hex(cache.snapshot())
}
const hex = (messages: readonly RtmpMessage[]) => messages.map(({ payload }) => payload.toString('hex'))

const avcHeader = video(0, '17 00 000000 01 64')
const aacHeader = audio(0, 'af 00 1210')

describe('headers of many tracks', () => {
  it('are all kept, audio before video, what else is said of tracks after that', () => {
    const messages = {
      colors: video(0, `94 ${hvc1} 02 0009 636f6c6f72496e666f 05`),
      channels: audio(0, `94 ${opus} 01 02 00000003`),
      video1: video(0, `96 00 ${avc1} 01 01 64`),
      video0: video(0, `90 ${hvc1} 01`),
      audio1: audio(0, `95 00 ${mp4a} 01 12 10`),
      audio0: audio(0, `90 ${opus} 4f`),
      metadata: samples.metadata(),
    }
    const { metadata, audio1, audio0, video1, video0, channels, colors } = messages
    expect(kept(...Object.values(messages))).toEqual(hex([metadata, audio1, audio0, video1, video0, channels, colors]))
  })

  it('take the place of that of their own track only, legacy being track 0', () => {
    const newer = video(9, '17 00 000000 01 65')
    expect(kept(avcHeader, track.header(1), newer)).toEqual(hex([track.header(1), newer]))
    expect(kept(avcHeader, track.header(1), track.header(1, 9, '82'))).toEqual(
      hex([avcHeader, track.header(1, 9, '82')]),
    )
    expect(kept(aacHeader, audio(0, `90 ${opus} 4f`))).toEqual([`90${opus}4f`])
  })

  it.each([
    ['legacy AVC to HEVC', '17 00 000000 01 64', `90 ${hvc1} 01`],
    ['HEVC to AV1', `90 ${hvc1} 01`, `90 ${av01} 81`],
    ['AV1 to legacy AVC', `90 ${av01} 81`, '17 00 000000 01 64'],
    ['AV1 in MPEG-2 TS form', `90 ${av01} 81`, `95 ${av01} 80`],
    ['track 1 from AVC to VP9', `96 00 ${avc1} 01 01`, `96 00 ${vp09} 01 00`],
    ['behind ModEx', `90 ${hvc1} 01`, `97 02 000001 00 ${hvc1} 02`],
  ])('replace one of another codec: %s', (_what, before, after) => {
    expect(kept(video(0, before), video(1, after))).toEqual(hex([video(1, after)]))
  })

  it.each<[what: string, header: RtmpMessage, ...empty: RtmpMessage[]]>([
    ['AVC', avcHeader, video(9, '17 00 000000'), video(9, '17 00'), video(9, '17 00 00')],
    ['AAC', aacHeader, audio(9, 'af 00')],
    ['HEVC, legacy', video(0, '1c 00 000000 01'), video(9, '1c 00 000000')],
    ['HEVC', video(0, `90 ${hvc1} 01`), video(9, `90 ${hvc1}`), video(9, '90 6876'), video(9, '17 00 000000')],
    ['AV1', video(0, `90 ${av01} 81`), video(9, `90 ${av01}`), video(9, `95 ${av01}`)],
    ['Opus', audio(0, `90 ${opus} 4f`), audio(9, `90 ${opus}`), audio(9, 'af 00')],
    ['track 1', track.header(1), video(9, `96 00 ${avc1} 01`)],
    ['audio track 1', audio(0, `95 00 ${mp4a} 01 12 10`), audio(9, `95 00 ${mp4a} 01`)],
    ['two tracks in one message', tracks.header([1, 2]), video(9, `96 10 ${avc1} 01 000000 02 000000`)],
  ])('are not replaced by empty ones: %s', (_what, header, ...empty) => {
    expect(kept(header, ...empty)).toEqual(hex([header]))
  })

  it('that are empty are kept as long as there is nothing better', () => {
    const empty = video(0, '17 00 000000')
    expect(kept(empty)).toEqual(hex([empty]))
    expect(kept(empty, avcHeader)).toEqual(hex([avcHeader]))
    expect(kept(aacHeader, audio(0, `90 ${fourCc.ac3}`))).toEqual([`90${fourCc.ac3}`])
  })

  it('come after one that is empty for their track, and good for another', () => {
    const half = video(9, `96 10 ${avc1} 01 000000 02 000002 01 64`)
    expect(kept(track.header(1), track.header(2), half)).toEqual(hex([half, track.header(1)]))
  })

  it('in one message count for each of its tracks', () => {
    const both = tracks.header([1, 2])
    expect(kept(both, track.header(1))).toEqual(hex([both, track.header(1)]))
    expect(kept(both, track.header(1), track.header(2))).toEqual(hex([track.header(1), track.header(2)]))
    expect(kept(track.header(1), track.header(2), both)).toEqual(hex([both]))
    // ManyTracksManyCodecs
    const codecs = video(0, `96 20 ${hvc1} 00 000001 01 ${av01} 01 000001 81`)
    expect(kept(avcHeader, track.header(1), codecs)).toEqual(hex([codecs]))
    const sounds = audio(0, `95 20 ${opus} 00 000001 4f ${mp4a} 01 000002 1210`)
    expect(kept(aacHeader, sounds, audio(0, `95 00 ${mp4a} 01 1211`))).toEqual(
      hex([sounds, audio(0, `95 00 ${mp4a} 01 1211`)]),
    )
  })
})

it('a late player of a stream that changed its codec gets nothing of the old one', () => {
  const cache = new StreamCache(defaultGopCacheLimits)
  const hevc = [`90 ${hvc1} 01`, `94 ${hvc1} 05`, `93 ${hvc1} 0a`, `a3 ${hvc1} 0b`]
  const av1 = [`90 ${av01} 81`, `91 ${av01} 0a`, `a1 ${av01} 0b`]
  for (const body of [...hevc, ...av1]) cache.add(video(0, body), mediaRole(video(0, body)))
  expect(hex(cache.snapshot())).toEqual(hex(av1.map(body => video(0, body))))
})

describe('colors and channels', () => {
  const colors = (codec: string, value: string) => video(0, `d4 ${codec} ${value}`)

  it('are kept by track and codec: FFmpeg sends those of later tracks as if they were the first', () => {
    expect(kept(colors(hvc1, '01'), colors(av01, '02'), colors(hvc1, '03'))).toEqual(
      hex([colors(av01, '02'), colors(hvc1, '03')]),
    )
    const later = audio(0, `95 04 ${opus} 01 00 02`)
    const first = audio(0, `94 ${opus} 00 02`)
    expect(kept(first, later)).toEqual(hex([first, later]))
    expect(kept(first, later, audio(1, `95 04 ${opus} 01 00 06`))).toEqual(
      hex([first, audio(1, `95 04 ${opus} 01 00 06`)]),
    )
  })

  it('go with their codec', () => {
    const [hevc, av1] = [video(0, `90 ${hvc1} 01`), video(0, `90 ${av01} 81`)]
    expect(kept(hevc, colors(hvc1, '01'), av1)).toEqual(hex([av1]))
    expect(kept(hevc, colors(hvc1, '01'), video(0, `90 ${hvc1} 02`))).toEqual(
      hex([video(0, `90 ${hvc1} 02`), colors(hvc1, '01')]),
    )
  })

  it('stay while a later track has the codec, because they may be of that', () => {
    const hevc = video(0, `90 ${hvc1} 01`)
    const later = video(0, `96 00 ${hvc1} 01 01`)
    const av1 = video(0, `90 ${av01} 81`)
    expect(kept(hevc, later, colors(hvc1, '01'), av1)).toEqual(hex([later, av1, colors(hvc1, '01')]))
  })
})

describe('limits', () => {
  const { maxTracks, maxBytes } = defaultTrackHeaderLimits

  it('keep what came first, and take newer headers of those tracks', () => {
    const all = Array.from({ length: maxTracks + 1 }, (_, id) => track.header(id))
    const newer = track.header(3, 9, '82')
    const result = kept(...all, newer)
    expect(result).toHaveLength(maxTracks)
    expect(result).toEqual(hex([...all.slice(0, 3), ...all.slice(4, maxTracks), newer]))
  })

  it('hold for configurations too', () => {
    const all = Array.from({ length: maxTracks + 1 }, (_, id) =>
      audio(0, `95 04 ${opus} ${id.toString(16).padStart(2, '0')} 00 02`),
    )
    expect(kept(...all)).toEqual(hex(all.slice(0, maxTracks)))
  })

  it('of bytes: a header beyond is not kept, nor the one it took the place of', () => {
    const big = (id: number, length: number) => ({
      ...track.header(id),
      payload: Buffer.concat([track.header(id).payload, Buffer.alloc(length)]),
    })
    const headers = new TrackHeaders()
    headers.addHeader(big(1, maxBytes / 2))
    headers.addHeader(big(2, maxBytes / 2 - 100))
    expect(headers.headers).toHaveLength(2)
    headers.addHeader(big(3, 100))
    expect(headers.headers).toHaveLength(2)
    headers.addHeader(big(2, maxBytes / 2))
    expect(hex(headers.headers)).toEqual(hex([big(1, maxBytes / 2)]))
  })
})
