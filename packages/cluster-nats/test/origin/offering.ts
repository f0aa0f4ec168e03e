import type { RtmpMessage } from '@rtmpipe/chunk-stream'
import { LiveStream } from '@rtmpipe/session'
import { Hop } from '../../src/origin/hop.ts'
import { OfferedStream } from '../../src/origin/offered-stream.ts'
import { TestBus } from '../support/test-bus.ts'
import { TestClock } from '../support/test-clock.ts'
import { TestEdge } from './test-edge.ts'

export const sid = 'abcdefghijklmnopqrstuv'
export const epoch = 67_108_867

/** A stream that is published, and offered to edges. */
export interface Offering {
  readonly bus: TestBus
  readonly clock: TestClock
  readonly stream: LiveStream
  readonly offered: OfferedStream
  readonly leftOut: { messages: number; bytes: number }
  /** One more, who has not joined yet. */
  readonly edge: () => TestEdge
  /** Publishes messages in one turn, and waits for the next. */
  readonly write: (...messages: readonly RtmpMessage[]) => Promise<void>
  /** How many frames and answers there were; not what edges send. */
  readonly sent: () => number
}

export function offering(): Offering {
  const bus = new TestBus()
  const clock = new TestClock()
  const stream = new LiveStream('live', 'name', { mergeWindow: 10_000 })
  stream.startPublish()
  const leftOut = { messages: 0, bytes: 0 }
  const offered = new OfferedStream({ bus, hop: new Hop(bus, clock, leftOut), clock, sid, epoch, stream })
  let edges = 0
  const edge = () => new TestEdge(bus, sid, `edge${(edges += 1)}`)
  const write = async (...messages: readonly RtmpMessage[]) => {
    for (const message of messages) stream.write(message)
    await new Promise(resolve => setImmediate(resolve))
  }
  const sent = () => bus.published.filter(({ subject }) => !subject.startsWith('rt1.j.')).length
  return { bus, clock, stream, offered, leftOut, edge, write, sent }
}

/** Messages as text, to be compared. */
export function shape(messages: readonly RtmpMessage[]): string[] {
  return messages.map(
    ({ messageTypeId, timestamp, payload }) => `${messageTypeId} ${timestamp} ${payload.toString('hex')}`,
  )
}
