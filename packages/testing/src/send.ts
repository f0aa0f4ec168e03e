import type { RtmpMessage } from '@rtmpipe/chunk-stream'
import type { Writable } from 'node:stream'
import { settled, turn } from './settled.ts'

/**
 * Writes messages to a stream that stays open, each in a turn of the event loop of its own. Resolves when it has taken
 * them and they have arrived in memory: who plays them has them, plugins have seen them.
 *
 * @throws Error when the stream fails or is closed before
 */
export async function send(stream: Writable, messages: Iterable<RtmpMessage>): Promise<void> {
  for (const message of messages) {
    await new Promise<void>((resolve, reject) => {
      stream.write(message, error => (error ? reject(error) : resolve()))
    })
    await turn()
  }
  await settled()
}
