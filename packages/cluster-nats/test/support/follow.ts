import type { RtmpMessage } from '@rtmpipe/chunk-stream'
import type { JoinedStream } from '@rtmpipe/cluster'
import { newCounts } from '../../src/edge/counts.ts'
import { EdgeMemory } from '../../src/edge/edge-memory.ts'
import { JoinPaces } from '../../src/edge/join-pace.ts'
import { JoinedRemote } from '../../src/edge/joined-remote.ts'
import type { MemoryNode } from '../../src/memory/memory-node.ts'
import { sid } from './one-name.ts'

/** Follows the name on a node, and reads all at once. */
export class Follow {
  readonly counts = newCounts()
  readonly memory: EdgeMemory
  readonly streams: JoinedStream[] = []
  /** Of each stream what it has given, and when. */
  readonly received: { readonly message: RtmpMessage; readonly at: number }[][] = []
  readonly ends: (Error | 'end')[] = []
  readonly remote: JoinedRemote
  isOurs: boolean
  isClosed = false

  constructor(
    { name, carrier, clock }: MemoryNode,
    { read = true, isOurs = false, memory = new EdgeMemory(), paces = new JoinPaces(clock) } = {},
  ) {
    const { counts } = this
    this.isOurs = isOurs
    this.memory = memory
    this.remote = new JoinedRemote(
      { node: name, carrier, clock, memory: this.memory, counts, paces },
      sid,
      () => this.isOurs,
      {
        joined: stream => {
          const received: { message: RtmpMessage; at: number }[] = []
          this.streams.push(stream)
          this.received.push(received)
          stream.messages.on('error', (error: Error) => this.ends.push(error))
          stream.messages.on('end', () => this.ends.push('end'))
          if (read) stream.messages.on('data', (message: RtmpMessage) => received.push({ message, at: clock.now() }))
        },
        closed: () => (this.isClosed = true),
      },
    )
  }

  /** What the last stream has given: times, with a mark where there is a discontinuity. */
  get told(): string[] {
    return (this.received.at(-1) ?? []).map(
      ({ message: { messageTypeId, timestamp, discontinuity } }) =>
        `${discontinuity ? '!' : ''}${messageTypeId === 9 ? 'v' : messageTypeId === 8 ? 'a' : 'd'}${timestamp}`,
    )
  }
}
