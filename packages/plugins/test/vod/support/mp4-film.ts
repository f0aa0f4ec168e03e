import type { RtmpMessage } from '@rtmpipe/session'
import { Cinema } from './cinema.ts'
import { aacEntry, avcEntry, type TestTrack, u8 } from './mp4.ts'

/** Of an encoder with other settings. */
export const otherHeader: Buffer = Buffer.from(
  '17000000000142c01effe1000b6742c01ed9005005ba10000000000001000568cb83cb20',
  'hex',
)

/** Pictures 40 ms apart, a keyframe every fifth; the number of each is its last byte. */
export function pictures(count: number, track: Partial<TestTrack> = {}): TestTrack {
  const samples = Array.from({ length: count }, (_, place) => ({
    duration: 40,
    isSync: place % 5 === 0,
    data: u8(0, 0, 0, 4, place % 5 === 0 ? 0x65 : 0x41, 1, 2, place),
  }))
  return { kind: 'vide', timescale: 1_000, entries: [avcEntry()], samples, ...track }
}

/** Sound in frames of 20 ms. */
export function sounds(count: number, track: Partial<TestTrack> = {}): TestTrack {
  const samples = Array.from({ length: count }, (_, place) => ({ duration: 960, data: u8(0xde, 0xad, place) }))
  return { kind: 'soun', timescale: 48_000, entries: [aacEntry(48_000)], samples, ...track }
}

export async function played(file: Buffer, start = 0): Promise<RtmpMessage[]> {
  await using cinema = await Cinema.open({ 'film.mp4': file })
  return await cinema.playAll('vod/film.mp4', start > 0 ? { start } : {})
}

/** Kind, time, number and, if it is another time, when it is shown, of each frame; `header` for what comes before. */
export function told(messages: readonly RtmpMessage[], kind: 8 | 9): string[] {
  return messages
    .filter(({ messageTypeId }) => messageTypeId === kind)
    .map(({ timestamp, payload }) => {
      if (payload[1] === 0) return `${timestamp} header ${payload.equals(otherHeader) ? 'other' : 'first'}`
      const shown = kind === 9 ? payload.readIntBE(2, 3) : 0
      return `${timestamp}${shown === 0 ? '' : `+${shown}`} ${payload.at(-1)}`
    })
}

export const every = (count: number, step: number, from = 0, first = 0): string[] =>
  Array.from({ length: count }, (_, place) => `${from + place * step} ${first + place}`)
