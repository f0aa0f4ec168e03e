import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Listing } from './listing.ts'

/** Files ffprobe reads whatever its age. */
export const legacyFixtures: readonly string[] = ['h264-aac', 'h263-mp3']

/** Those and the ones with Enhanced RTMP in them. */
export const allFixtures: readonly string[] = [
  ...legacyFixtures,
  'hevc-opus',
  'av1-flac',
  'vp9-ac3',
  'multitrack',
  'hevc-hdr-eac3',
  'manycodecs',
  'vp9-opus51',
]

export function fixturePath(name: string): string {
  return fileURLToPath(new URL(`../fixtures/${name}.flv`, import.meta.url))
}

export function readFixture(name: string): Buffer {
  return readFileSync(fixturePath(name))
}

/** What a demuxer that is not ours found in a fixture when it was made. */
export function readListing(name: string): Listing {
  const text = readFileSync(new URL(`../fixtures/${name}.json`, import.meta.url), 'utf8')
  return parseFfprobe(text)
}

/** The output of `ffprobe -of json -show_entries stream=…:packet=…`. */
export function parseFfprobe(text: string): Listing {
  const { streams, packets } = JSON.parse(text) as FfprobeOutput
  return {
    codecs: streams.map(stream => stream.codec_name),
    packets: packets.map(packet => ({
      stream: packet.stream_index,
      pts: packet.pts,
      dts: packet.dts,
      size: Number(packet.size),
      key: packet.flags.startsWith('K'),
    })),
  }
}

interface FfprobeOutput {
  readonly streams: readonly { readonly codec_name: string }[]
  readonly packets: readonly {
    readonly stream_index: number
    readonly pts: number
    readonly dts: number
    readonly size: string | number
    readonly flags: string
  }[]
}
