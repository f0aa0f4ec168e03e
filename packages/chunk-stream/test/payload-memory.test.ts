import { MessageType } from '@rtmpipe/chunk-stream'
import { expect, it } from 'vitest'
import { PayloadMemory } from '../src/payload-memory.ts'

it('cuts the payloads of media from blocks, which grow', () => {
  const memory = new PayloadMemory()
  const lengths = Array.from({ length: 400 }, (_, index) => 1 + ((index * 997) % 4_000))
  const payloads = lengths.map(length => memory.allocate(MessageType.Video, length))
  expect(payloads.map(({ length }) => length)).toEqual(lengths)
  const blocks = [...new Set(payloads.map(({ buffer }) => buffer))].map(({ byteLength }) => byteLength)
  expect(blocks.slice(0, 5)).toEqual([8_192, 16_384, 32_768, 65_536, 65_536])
})

it('gives each byte once', () => {
  const memory = new PayloadMemory()
  const payloads = Array.from({ length: 1_000 }, (_, index) =>
    memory.allocate(MessageType.Audio, 200).fill(index & 0xff),
  )
  payloads.forEach((payload, index) => expect(payload).toEqual(Buffer.alloc(200, index & 0xff)))
})

it('leaves long payloads, and what is no media, to themselves', () => {
  const memory = new PayloadMemory()
  const { buffer } = memory.allocate(MessageType.Video, 100)
  expect(memory.allocate(MessageType.Video, 16_385).buffer.byteLength).toBe(16_385)
  for (let round = 0; round < 50; round += 1) {
    expect(memory.allocate(MessageType.CommandAmf0, 100).buffer).not.toBe(buffer)
  }
  expect(memory.allocate(MessageType.Audio, 100).buffer).toBe(buffer)
})
