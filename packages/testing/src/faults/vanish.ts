import { UsageError } from '@rtmpipe/chunk-stream'
import { MessageEnd } from '../message-pair.ts'
import { settled } from '../settled.ts'
import { connectionOf, type TestPeer } from '../test-client.ts'

/** When a peer vanishes. */
export interface VanishOptions {
  /** Messages of audio, video and data that still come through, in either direction. Default 0. */
  readonly after?: number
}

/**
 * Breaks the connection of a client in memory without a goodbye: the server gets `ECONNRESET`, the client's streams just
 * end. What was sent before has arrived. Resolves when that has happened and plugins have been told.
 *
 * @param peer a client of a `TestServer`, or what it publishes or plays
 * @throws UsageError `RTMP_ERR_USAGE` for one that is not in memory
 */
export async function vanish(peer: TestPeer, { after = 0 }: VanishOptions = {}): Promise<void> {
  const messages = connectionOf(peer)
  if (!(messages instanceof MessageEnd)) {
    throw new UsageError('RTMP_ERR_USAGE', 'only what a client of a TestServer publishes or plays can vanish')
  }
  if (after === 0) await settled()
  await messages.breakAfter(after)
  await settled()
}
