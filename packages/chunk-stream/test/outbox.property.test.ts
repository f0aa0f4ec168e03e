import {
  abortMessage,
  ChunkDemuxer,
  ChunkMuxer,
  MessageType,
  type RtmpMessage,
  setChunkSize,
  userControl,
} from '@rtmpipe/chunk-stream'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { isBarrier, laneOf, MessageLane } from '../src/message-lane.ts'
import { Outbox } from '../src/outbox.ts'

const { Audio, Video, DataAmf0, CommandAmf0, SharedObjectAmf0, Aggregate } = MessageType

const message: fc.Arbitrary<RtmpMessage> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      messageTypeId: fc.constantFrom(Audio, Audio, Video, DataAmf0, CommandAmf0, SharedObjectAmf0, Aggregate, 99),
      messageStreamId: fc.constantFrom(0, 1),
      timestamp: fc.oneof(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 0, max: 0xffffffff })),
      payload: fc
        .tuple(fc.oneof(fc.nat(5), fc.integer({ min: 100, max: 700 })), fc.nat(255))
        .map(([length, first]) => Buffer.from(Array.from({ length }, (_, at) => first + at))),
    }),
  },
  fc.oneof(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 300 })).map(setChunkSize),
  fc.integer({ min: 2, max: 8 }).map(abortMessage),
  fc.nat(0xffff).map(timestamp => userControl({ type: 'PingRequest', timestamp })),
  fc.integer({ min: 1, max: 9 }).map(messageStreamId => userControl({ type: 'StreamBegin', messageStreamId })),
  fc.uint8Array({ maxLength: 60 }).map(bytes => userControl({ type: 'SwfVerifyResponse', data: Buffer.from(bytes) })),
)

/** A message to be pushed, or so many chunks to be taken. */
const steps = fc.array(fc.oneof(message, fc.integer({ min: 1, max: 6 })), {
  maxLength: 60,
  size: 'max',
})

/** Those that may not overtake each other. */
const inOrder: ((message: RtmpMessage) => boolean)[] = [
  ...Object.values(MessageLane).map(lane => (one: RtmpMessage) => laneOf(one) === lane),
  one => laneOf(one) === MessageLane.Audio || (laneOf(one) === MessageLane.Stream && isBarrier(one)),
]

it('delivers any messages whole, and in order where it has to be kept, whenever they come', () => {
  fc.assert(
    fc.property(steps, steps => {
      const outbox = new Outbox(new ChunkMuxer())
      const demuxer = new ChunkDemuxer()
      const received: RtmpMessage[] = []
      const take = (): void => demuxer.push(Buffer.concat(outbox.next()), one => received.push(one))

      for (const step of steps) {
        if (typeof step === 'object') outbox.push(step)
        else for (let chunk = 0; chunk < step && !outbox.isEmpty; chunk++) take()
      }
      while (!outbox.isEmpty) take()
      demuxer.end()

      const sent = steps.filter(step => typeof step === 'object')
      for (const kind of inOrder) expect(received.filter(kind)).toEqual(sent.filter(kind))
      expect([received.length, outbox.bytes]).toEqual([sent.length, 0])
    }),
    { numRuns: 200 },
  )
})
