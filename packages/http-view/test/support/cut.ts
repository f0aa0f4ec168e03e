import type { RtmpMessage } from '@rtmpipe/session'
import { samples } from '@rtmpipe/testing'
import { hlsDefaults } from '../../src/index.ts'
import { Segmenter, type SegmenterOptions } from '../../src/hls/media/segmenter.ts'
import type { Rendition } from '../../src/hls/media/rendition.ts'
import { mediaPlaylist } from '../../src/hls/text/media-playlist.ts'

/** A segmenter with names that can be counted on, at a time that stands still. */
export function segmenter(options: Partial<SegmenterOptions> = {}): Segmenter {
  let name = 0
  return new Segmenter({ ...hlsDefaults, now: () => 1_700_000_000_000, random: () => String(name++), ...options })
}

/** What a stream is made of. */
export interface StreamShape {
  readonly seconds: number
  /** Milliseconds from a picture to the next; how far each comes from its place is up to `shift`. */
  readonly step?: number
  /** Pictures from a keyframe to the next. */
  readonly gop?: number
  readonly from?: number
  readonly hasSound?: boolean
  readonly hasPictures?: boolean
  readonly shift?: (index: number) => number
}

/** Headers, then pictures and sound, in the order of time. */
export function stream(shape: StreamShape): RtmpMessage[] {
  const { seconds, step = 40, gop = 50, from = 0, hasSound = true, hasPictures = true, shift = () => 0 } = shape
  const media: RtmpMessage[] = []
  const time = (value: number): number => from + Math.round(value)
  for (let index = 0; hasPictures && index * step < seconds * 1000; index += 1) {
    const at = time(index * step + (index === 0 ? 0 : shift(index)))
    media.push(index % gop === 0 ? samples.keyframe(at) : samples.interframe(at))
  }
  for (let index = 0; hasSound && (index * 1024_000) / 44_100 < seconds * 1000; index += 1)
    media.push(samples.audio(time((index * 1024_000) / 44_100)))
  media.sort((one, other) => one.timestamp - other.timestamp)
  const heads = [samples.metadata()]
  if (hasPictures) heads.push(samples.videoHeader(from))
  if (hasSound) heads.push(samples.audioHeader(from))
  return [...heads, ...media]
}

/** Gives all of them. */
export function feed(to: Segmenter, messages: readonly RtmpMessage[]): Segmenter {
  for (const message of messages) to.take(message)
  return to
}

/** The playlist of a rendition as it is now. */
export function playlistOf(
  of: Segmenter,
  rendition: Rendition | undefined = of.renditions[0],
  isDelta = false,
): string {
  if (rendition === undefined) throw new Error('there is no rendition')
  const { window, partTarget } = rendition
  const others = of.renditions.flatMap(({ name, window: other }) =>
    other === window ? [] : [{ uri: `${name}.m3u8`, window: other }],
  )
  const targetDuration = of.targetDuration ?? 0
  return mediaPlaylist({ window, targetDuration, partTarget, isEnded: of.isEnded, others }, isDelta)
}
