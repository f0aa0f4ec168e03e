import { AmfError, Amf0Reader, type AmfValue, encodeAmf0 } from '@rtmpipe/amf'
import { type ColorInfo, colorInfoFromAmf, colorInfoToAmf } from './color-info.ts'

/** A name with its value. The only name that Enhanced RTMP v2 has is `colorInfo`. */
export type VideoMetadataEntry = readonly [name: string, value: AmfValue]

const colorInfo = 'colorInfo'

/**
 * Reads the `data` of a track of a Metadata message: AMF0 names and values in turn. Undefined if the AMF is broken,
 * crosses the default limits of `@rtmpipe/amf`, or a name is no string or has no value. Names and values are a
 * stranger's. Not every AMF is written as it was: relay the bytes, not the entries.
 */
export function parseVideoMetadata(data: Uint8Array): VideoMetadataEntry[] | undefined {
  try {
    const reader = new Amf0Reader(data)
    const entries: VideoMetadataEntry[] = []
    while (!reader.done) {
      const name = reader.read()
      if (typeof name !== 'string') return undefined
      entries.push([name, reader.read()])
    }
    return entries
  } catch (error) {
    if (error instanceof AmfError) return undefined
    throw error
  }
}

/** The `data` of a track of a Metadata message. Throws {@link AmfError} for what AMF cannot carry. */
export function encodeVideoMetadata(entries: readonly VideoMetadataEntry[]): Buffer {
  return encodeAmf0(...entries.flat())
}

/** The `colorInfo` of a Metadata message, the last if there are more; `{}` if it is to be forgotten, undefined if there is none. */
export function colorInfoOf(data: Uint8Array): ColorInfo | undefined {
  const entry = parseVideoMetadata(data)?.findLast(([name]) => name === colorInfo)
  return entry && colorInfoFromAmf(entry[1])
}

/** The `data` of a track of a Metadata message with this `colorInfo`. An empty one resets it, as Undefined. */
export function encodeColorInfo(info: ColorInfo): Buffer {
  return encodeVideoMetadata([[colorInfo, colorInfoToAmf(info)]])
}
