import type { RtmpMessage } from '@rtmpipe/chunk-stream'
import { alignment } from '../cache/gop-cache.ts'
import { isPictureRole, MediaRole } from '../../protocol/media-role.ts'
import { pictureTracks } from '../../protocol/message-tracks.ts'
import { TrackHeaders } from '../cache/track-headers.ts'

/**
 * Index from which video is kept when the video before it is dropped: the newest keyframe of the lowest track, or
 * keyframes of other tracks just before it that belong to the same group. The number of messages if there is none.
 */
export function newestGroup(messages: readonly RtmpMessage[], roles: readonly MediaRole[]): number {
  let lowest = Infinity
  let start = messages.length
  for (const [index, message] of messages.entries()) {
    const role = roles[index] ?? MediaRole.Other
    if (!isPictureRole(role)) continue
    const track = lowestOf(message)
    if (track < lowest) [lowest, start] = [track, messages.length]
    if (track === lowest && role === MediaRole.Keyframe) start = index
  }
  const timestamp = messages[start]?.timestamp ?? 0
  const aligned = messages.slice(0, start).findIndex((message, index) => {
    if (roles[index] !== MediaRole.Keyframe || Math.abs((timestamp - message.timestamp) | 0) > alignment) return false
    return lowestOf(message) !== lowest
  })
  return start === messages.length || aligned < 0 ? start : aligned
}

/** The newest header and the newest configuration of each track, from messages of one kind (audio or video). */
export function newestHeaders(
  messages: readonly RtmpMessage[],
  roles: readonly MediaRole[],
  [header, configuration]: readonly [header: MediaRole, configuration: MediaRole],
): ReadonlySet<RtmpMessage> {
  const newest = new TrackHeaders({ maxTracks: Infinity, maxBytes: Infinity })
  for (const [index, message] of messages.entries()) {
    if (roles[index] === header) newest.addHeader(message)
    else if (roles[index] === configuration) newest.addConfiguration(message)
  }
  return new Set([...newest.headers, ...newest.configurations])
}

function lowestOf(message: RtmpMessage): number {
  let lowest = Infinity
  for (const { trackId } of pictureTracks(message)) lowest = Math.min(lowest, trackId)
  return lowest
}
