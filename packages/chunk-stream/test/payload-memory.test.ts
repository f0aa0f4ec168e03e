import { afterEach, describe, expect, it, vi } from 'vitest'
import { MessageType } from '../src/message.ts'
import { originOf } from '../src/origin-of.ts'
import { PayloadBlock } from '../src/payload-block.ts'
import { holdPayload, isReusable, releasePayload } from '../src/payload-holds.ts'
import { PayloadMemory } from '../src/payload-memory.ts'
import { PayloadPool } from '../src/payload-pool.ts'

const usual = 64 * 1024

describe('memory that is not used again', () => {
  it('cuts the payloads of media from blocks, which grow', () => {
    const memory = new PayloadMemory()
    const lengths = Array.from({ length: 400 }, (_, index) => 1 + ((index * 997) % 4_000))
    const payloads = lengths.map(length => memory.allocate(MessageType.Video, length))
    expect(payloads.map(({ length }) => length)).toEqual(lengths)
    const blocks = [...new Set(payloads.map(({ buffer }) => buffer))].map(({ byteLength }) => byteLength)
    expect(blocks.slice(0, 5)).toEqual([8_192, 16_384, 32_768, 65_536, 65_536])
  })

  it('gives each byte once, whatever is released', () => {
    const memory = new PayloadMemory()
    const payloads = Array.from({ length: 1_000 }, (_, index) => {
      const payload = memory.allocate(MessageType.Audio, 200).fill(index & 0xff)
      releasePayload(payload)
      return payload
    })
    payloads.forEach((payload, index) => expect(payload).toEqual(Buffer.alloc(200, index & 0xff)))
    expect(isReusable(payloads[0]!)).toBe(false)
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
})

describe('memory that is used again', () => {
  afterEach(() => void vi.useRealTimers())

  /** Payloads of usual blocks, past the short ones of the beginning. */
  function fill(memory: PayloadMemory, blocks: number): Buffer[] {
    const payloads: Buffer[] = []
    while (new Set(payloads.map(({ buffer }) => buffer)).size < blocks) {
      const payload = memory.allocate(MessageType.Video, usual / 4)
      if (payload.buffer.byteLength === usual) payloads.push(payload)
    }
    return payloads
  }

  it('goes to the next payload of any connection once all of a block are released', () => {
    const [one, other] = [new PayloadMemory(true), new PayloadMemory(true)]
    const payloads = fill(one, 3)
    const memories = new Set(payloads.slice(0, -1).map(({ buffer }) => buffer))
    for (const payload of payloads.slice(0, -1)) releasePayload(payload)
    const next = fill(other, 2)
    expect(next.slice(0, -1).every(({ buffer }) => memories.has(buffer))).toBe(true)
  })

  it('is not used again as long as one payload of a block is held', () => {
    const memory = new PayloadMemory(true)
    const payloads = fill(memory, 2)
    const first = payloads[0] as Buffer
    holdPayload(first)
    for (const payload of payloads) releasePayload(payload)
    const taken = fill(memory, 40)
    expect(taken.some(({ buffer }) => buffer === first.buffer)).toBe(false)
    for (const payload of taken) releasePayload(payload)
    releasePayload(first)
    expect(fill(memory, 41).some(({ buffer }) => buffer === first.buffer)).toBe(true)
  })

  it('begins a block anew that nobody holds while it is being filled', () => {
    const memory = new PayloadMemory(true)
    const places = Array.from({ length: 10 }, () => {
      const payload = memory.allocate(MessageType.Audio, 300)
      releasePayload(payload)
      return payload.byteOffset
    })
    expect(new Set(places).size).toBe(1)
  })

  it('has longer blocks for long payloads, one for each: a short one would keep all of it', () => {
    const memory = new PayloadMemory(true)
    const short = memory.allocate(MessageType.Audio, 1_000)
    const long = memory.allocate(MessageType.Video, 300_000)
    expect(long.buffer.byteLength).toBe(512 * 1024)
    expect(memory.allocate(MessageType.Audio, 1_000).buffer).toBe(short.buffer)
    releasePayload(long)
    expect(memory.allocate(MessageType.Video, 400_000).buffer).toBe(long.buffer)
    expect(memory.allocate(MessageType.Video, 1024 * 1024 + 1).buffer.byteLength).toBe(1024 * 1024 + 1)
  })

  it('is left to the collector when nobody has needed it for a while', () => {
    vi.useFakeTimers()
    const pool = new PayloadPool<PayloadBlock>()
    const blocks = [1, 2, 3].map(() => new PayloadBlock(usual, true))
    for (const block of blocks) pool.put(block)
    vi.advanceTimersByTime(5_000)
    const needed = pool.take(usual)
    expect(blocks).toContain(needed)
    vi.advanceTimersByTime(5_000)
    expect(pool.take(usual)).toBeUndefined()
    pool.put(needed as PayloadBlock)
    expect(vi.getTimerCount()).toBe(1)
    vi.advanceTimersByTime(15_000)
    expect(vi.getTimerCount()).toBe(0)
    expect(pool.take(usual)).toBeUndefined()
  })
})

describe('the origin of a payload', () => {
  it('is its block, which is not used again while that is held', () => {
    const memory = new PayloadMemory(true)
    const [first, second] = [memory.allocate(MessageType.Audio, 100), memory.allocate(MessageType.Audio, 100)]
    const origin = originOf(first.fill(7))
    expect(origin.byteLength).toBe(8_192)
    expect(originOf(second)).toBe(origin)
    expect(origin.has(second)).toBe(true)
    origin.hold()
    for (const payload of [first, second]) releasePayload(payload)
    expect(memory.allocate(MessageType.Audio, 100).byteOffset).toBe(200)
    const again = origin.part(first.byteOffset, first.length)
    expect(again).toEqual(Buffer.alloc(100, 7))
    expect(isReusable(again)).toBe(true)
  })

  it('is other memory as it is', () => {
    const payload = Buffer.from('payload')
    const origin = originOf(payload)
    expect(origin.byteLength).toBe(payload.buffer.byteLength)
    expect([payload.subarray(2), Buffer.alloc(7)].map(part => origin.has(part))).toEqual([true, false])
    expect(origin.part(payload.byteOffset + 3, 2)).toEqual(Buffer.from('lo'))
    expect(isReusable(origin.part(payload.byteOffset, 2))).toBe(false)
  })
})
