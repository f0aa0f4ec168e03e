import { type RtmpMessage } from '@rtmpipe/chunk-stream'
import { samples } from '@rtmpipe/testing'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { PackedMessages } from '../../../src/live/cache/packed-messages.ts'

const anyMessage = fc.record({
  messageTypeId: fc.nat(255),
  messageStreamId: fc.integer({ min: 0, max: 0xffffffff }),
  timestamp: fc.integer({ min: 0, max: 0xffffffff }),
  payload: fc.uint8Array({ maxLength: 40 }).map(bytes => Buffer.from(bytes)),
})

it('gives out what was put in, any part of it', () => {
  fc.assert(
    fc.property(fc.array(anyMessage, { maxLength: 100 }), fc.nat(100), fc.nat(100), (messages, start, marked) => {
      const given = messages.map((message, index) => (index === marked ? { ...message, discontinuity: true } : message))
      const packed = new PackedMessages()
      for (const message of given) packed.push(message)
      expect(packed.length).toBe(given.length)
      expect(packed.slice(start)).toEqual(given.slice(start))
      expect(given.map((_, index) => packed.timestampAt(index))).toEqual(given.map(({ timestamp }) => timestamp))
      if (given.length > 0) expect(packed.firstTimestamp).toBe(given[0]?.timestamp)
      packed.clear()
      expect(packed.slice()).toEqual([])
    }),
  )
})

it('keeps the memory, not a copy', () => {
  const packed = new PackedMessages()
  const message = samples.audio(1)
  packed.push(message)
  const [kept] = packed.slice() as [RtmpMessage]
  expect(kept.payload.buffer).toBe(message.payload.buffer)
  expect(kept.payload.byteOffset).toBe(message.payload.byteOffset)
})

it('holds each memory once for all messages in it, and gives it back when it is cleared', () => {
  const memory = Buffer.alloc(100)
  let holds = 0
  const origin = {
    byteLength: 100,
    has: () => true,
    part: (start: number, length: number) => memory.subarray(start, start + length),
    hold: () => void (holds += 1),
    release: () => void (holds -= 1),
  }
  const packed = new PackedMessages()
  for (let index = 0; index < 20; index += 1) packed.push({ ...samples.audio(index), payload: memory }, origin)
  expect(holds).toBe(1)
  packed.push(samples.audio(1))
  packed.push({ ...samples.audio(2), payload: memory }, origin)
  expect(holds).toBe(2)
  expect(packed.slice(19)).toHaveLength(3)
  packed.clear()
  expect(holds).toBe(0)
  packed.push({ ...samples.audio(3), payload: memory }, origin)
  expect(holds).toBe(1)
  expect(packed.slice()).toEqual([{ ...samples.audio(3), payload: memory }])
})
