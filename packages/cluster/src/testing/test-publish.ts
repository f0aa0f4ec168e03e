import type { RtmpMessage } from '@rtmpipe/chunk-stream'
import { LiveStream, type StreamKey } from '@rtmpipe/session'
import type { Claim, Fabric } from '../fabric.ts'

/** A publish as a server would make it: a claim, and a live stream offered under it. */
export class TestPublish {
  readonly claim: Claim
  readonly stream: LiveStream

  private constructor(claim: Claim, stream: LiveStream) {
    this.claim = claim
    this.stream = stream
  }

  /** @throws Error when the name is taken */
  static async start(fabric: Fabric, key: StreamKey): Promise<TestPublish> {
    const claim = await fabric.claim(key)
    if (claim === undefined) throw new Error(`${key.app}/${key.streamName} is taken`)
    const stream = new LiveStream(key.app, key.streamName, { mergeWindow: 0 })
    stream.startPublish()
    fabric.offer(claim, stream)
    return new TestPublish(claim, stream)
  }

  /** @throws Error when a joiner holds the publisher */
  write(...messages: readonly RtmpMessage[]): void {
    for (const message of messages) {
      if (!this.stream.write(message)) throw new Error('whoever has joined holds the publisher')
    }
  }

  /** As a server ends it: first the stream, then the claim. */
  async end(): Promise<void> {
    this.stream.endPublish()
    await this.claim.release()
  }
}
