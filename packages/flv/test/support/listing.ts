import { type MediaMessage, parseAudioHeader, parseVideoHeader } from '@rtmpipe/flv'

/** What a demuxer finds in a file. */
export interface Listing {
  /** By stream, in the order streams first appear. */
  readonly codecs: readonly string[]
  readonly packets: readonly ListedPacket[]
}

export interface ListedPacket {
  readonly stream: number
  readonly pts: number
  readonly dts: number
  readonly size: number
  readonly key: boolean
}

// FFmpeg's names of our codecs.
const ffmpegNames: Readonly<Record<string, string>> = {
  avc1: 'h264',
  hvc1: 'hevc',
  av01: 'av1',
  vp09: 'vp9',
  h263: 'flv1',
  mp4a: 'aac',
  Opus: 'opus',
  fLaC: 'flac',
  'ac-3': 'ac3',
  'ec-3': 'eac3',
}

/** Our own reading of messages, in the form FFmpeg reports it. */
export function listMessages(messages: readonly MediaMessage[]): Listing {
  const streams: string[] = []
  const codecs: string[] = []
  const packets: ListedPacket[] = []
  for (const message of messages.filter(({ messageTypeId }) => messageTypeId !== 18)) {
    const isVideo = message.messageTypeId === 9
    const video = isVideo ? parseVideoHeader(message.payload) : undefined
    const header = video ?? parseAudioHeader(message.payload)
    if (header === undefined) throw new Error(`cannot parse ${message.payload.toString('hex', 0, 16)}`)
    for (const track of header.tracks) {
      const key = `${message.messageTypeId}:${track.trackId}`
      if (!streams.includes(key)) {
        streams.push(key)
        codecs.push(ffmpegNames[track.codec] ?? track.codec)
      }
      if (header.packetType !== 1 && header.packetType !== 3) continue
      packets.push({
        stream: streams.indexOf(key),
        pts: message.timestamp + (video?.compositionTime ?? 0),
        dts: message.timestamp,
        size: track.bodyEnd - track.bodyStart,
        key: video === undefined || video.frameType === 1,
      })
    }
  }
  return { codecs, packets }
}
