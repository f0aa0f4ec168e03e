import type { MessageBatch, RtmpMessage } from '@rtmpipe/chunk-stream'
import type { StreamConsumer } from '../../src/live/stream-consumer.ts'

/** A consumer that keeps what it gets: messages, and the publisher's coming and going as words. */
export class Collector implements StreamConsumer {
  readonly got: (RtmpMessage | 'started' | 'ended')[] = []
  readonly batches: number[] = []

  get messages(): RtmpMessage[] {
    return this.got.filter(item => typeof item === 'object')
  }

  get timestamps(): number[] {
    return this.messages.map(({ timestamp }) => timestamp)
  }

  deliver(batch: MessageBatch): void {
    this.batches.push(batch.messages.length)
    this.got.push(...batch.messages)
  }

  publishStarted(): void {
    this.got.push('started')
  }

  publishEnded(): void {
    this.got.push('ended')
  }
}
