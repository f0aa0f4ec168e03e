import {
  AudioPacketType,
  type AudioTag,
  isCodedAudio,
  isCodedVideo,
  isKeyframe,
  VideoPacketType,
  type VideoTag,
} from '@rtmpipe/flv'
import type { RtmpMessage } from '@rtmpipe/chunk-stream'
import type { Complain } from '../complain.ts'
import type { MediaState } from './stream-state.ts'

/** These can't be decoded without a sequence header: FourCCs, and names of legacy ids. */
const needHeader: ReadonlySet<string> = new Set(['avc1', 'hvc1', 'vvc1', 'av01', 'mp4a', 'fLaC'])

/** The order of one side's audio or video on one message stream. */
export function checkMedia(
  kind: 'audio' | 'video',
  tag: AudioTag | VideoTag,
  codec: string,
  message: RtmpMessage,
  state: MediaState,
  complain: Complain,
): void {
  const { timestamp, payload } = message
  const isCoded = kind === 'audio' ? isCodedAudio(payload) : isCodedVideo(payload)
  for (const { track, fourCc } of tracksOf(tag, codec)) {
    const key = `${kind} ${track}`
    if (isHeader(kind, tag)) state.headers.add(key)
    else if (isCoded && needHeader.has(fourCc) && !state.headers.has(key)) {
      // Told once; there are at most 256 tracks of a kind.
      state.headers.add(key)
      complain('media-no-header', `${kind} (${fourCc}) begins without a sequence header`)
    }
  }
  if (!isCoded) return
  if (kind === 'video' && !state.keyframeSeen) {
    state.keyframeSeen = true
    if (!isKeyframe(payload)) complain('media-no-keyframe', 'video does not begin with a keyframe')
  }
  const time = kind === 'audio' ? 'audioTime' : 'videoTime'
  const last = state[time]
  // RTMP 1.0 §4: timestamps are compared as serial numbers.
  if (last !== undefined && ((timestamp - last) | 0) < 0) {
    complain('timestamp-back', `${kind} goes back in time, from ${last} to ${timestamp} ms`)
  }
  state[time] = timestamp
}

function tracksOf(tag: AudioTag | VideoTag, codec: string): { readonly track: number; readonly fourCc: string }[] {
  if (tag.kind === 'legacy') return [{ track: 0, fourCc: codec }]
  return tag.kind === 'enhanced' ? tag.tracks.map(({ trackId, fourCc }) => ({ track: trackId, fourCc })) : []
}

function isHeader(kind: 'audio' | 'video', tag: AudioTag | VideoTag): boolean {
  if (tag.kind !== 'legacy' && tag.kind !== 'enhanced') return false
  const { packetType } = tag
  if (kind === 'audio') return packetType === AudioPacketType.SequenceStart
  return packetType === VideoPacketType.SequenceStart || packetType === VideoPacketType.Mpeg2TsSequenceStart
}
