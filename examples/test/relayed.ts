import { sampleStream, take } from '@rtmpipe/testing'
import type { PlayStream, PublishStream, RtmpMessage } from 'rtmpipe'
import { expect } from 'vitest'

/** What a player gets of a short stream that is published after it came; its timestamps begin at `start`. */
export async function relayed(
  publisher: PublishStream,
  player: PlayStream,
  start = 0,
): Promise<readonly RtmpMessage[]> {
  const sent = sampleStream(10).map(message => ({ ...message, timestamp: message.timestamp + start }))
  for (const message of sent) publisher.write(message)
  return take(player, sent.length)
}

/**
 * A player has got the short stream as it was published, with timestamps that begin at `start`. Who comes a moment after the
 * headers of sound and pictures gets them in the order in which a server keeps them.
 */
export function expectRelayed(got: readonly RtmpMessage[], start = 0): void {
  const essence = ({ messageTypeId, timestamp, payload }: RtmpMessage, begin: number) =>
    `${messageTypeId} ${timestamp - begin} ${payload.toString('base64')}`
  const [metadata, ...messages] = got.map(message => essence(message, start))
  const [sentMetadata, ...sent] = sampleStream(10).map(message => essence(message, 0))
  expect(metadata).toBe(sentMetadata)
  expect(messages.slice(0, 2).toSorted()).toEqual(sent.slice(0, 2).toSorted())
  expect(messages.slice(2)).toEqual(sent.slice(2))
}
