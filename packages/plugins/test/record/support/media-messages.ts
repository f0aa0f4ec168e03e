import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { FlvDemuxer, parseAudioTag, parseVideoTag } from '@rtmpipe/flv'
import type { RtmpMessage } from '@rtmpipe/session'

const fixtures = fileURLToPath(new URL('../../../../flv/test/fixtures', import.meta.url))

/** What is in a file of `packages/flv/test/fixtures`. */
export function messagesOf(name: string): RtmpMessage[] {
  const messages: RtmpMessage[] = []
  new FlvDemuxer().push(readFileSync(join(fixtures, `${name}.flv`)), message => messages.push(message))
  return messages
}

/** The same again and again, later each time, so that there are several fragments. */
export function repeated(messages: readonly RtmpMessage[], times: number): RtmpMessage[] {
  const duration = Math.max(...messages.map(({ timestamp }) => timestamp)) + 40
  return Array.from({ length: times }, (_, round) =>
    messages.map(message => ({ ...message, timestamp: message.timestamp + round * duration })),
  ).flat()
}

/** Coded frames of every track of messages. */
export function framesOfTracks(messages: readonly RtmpMessage[]): string[] {
  const frames: string[] = []
  for (const { messageTypeId, payload } of messages) {
    if (messageTypeId !== 8 && messageTypeId !== 9) continue
    const tag = messageTypeId === 9 ? parseVideoTag(payload) : parseAudioTag(payload)
    const kind = messageTypeId === 9 ? 'video' : 'audio'
    if ((tag.kind !== 'legacy' && tag.kind !== 'enhanced') || ![undefined, 1, 3].includes(tag.packetType)) continue
    for (const { data } of tag.kind === 'legacy' ? [tag] : tag.tracks) {
      frames.push(`${kind} ${Buffer.from(data).toString('hex')}`)
    }
  }
  return frames.sort()
}
