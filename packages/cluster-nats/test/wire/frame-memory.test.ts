import { MessageType } from '@rtmpipe/chunk-stream'
import { describe, expect, it } from 'vitest'
import { FrameKind } from '../../src/wire/frame.ts'
import { FrameMemory } from '../../src/wire/frame-memory.ts'
import { maxFrameLength } from '../../src/wire/limits.ts'
import { partFrames } from '../../src/wire/write-frame.ts'

describe('FrameMemory', () => {
  it('keeps what is filled until it is asked for, if somebody asks', () => {
    const memory = new FrameMemory(true)
    for (let frame = 0; frame < 14; frame += 1) memory.take(maxFrameLength)
    expect(memory.filled().length).toBe(3)
    expect(memory.filled().length).toBe(0)
  })

  it('takes little memory for little', () => {
    const memory = new FrameMemory(true)
    expect(memory.take(100).buffer.byteLength).toBeLessThan(64 * 1024)
    for (let frame = 0; frame < 8; frame += 1) memory.take(maxFrameLength)
    expect(memory.take(100).buffer.byteLength).toBe(4 * maxFrameLength)
  })

  it('keeps nothing where nobody does', () => {
    const memory = new FrameMemory(false)
    for (let frame = 0; frame < 100; frame += 1) memory.take(maxFrameLength)
    expect(memory.filled().length).toBe(0)
  })
})

describe('partFrames', () => {
  it('leaves nothing behind of all that large pictures and snapshots are written into', () => {
    const head = { flags: 0, seq: 1, sentAt: 0, headers: 0 }
    const message = {
      messageTypeId: MessageType.Video,
      messageStreamId: 0,
      timestamp: 0,
      payload: Buffer.alloc(1024 * 1024),
      flags: 0,
    }
    partFrames(FrameKind.Fragment, head, [message])
    const before = process.memoryUsage().arrayBuffers
    for (let round = 0; round < 200; round += 1) partFrames(FrameKind.Fragment, head, [message])
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(150 * 1024 * 1024)
  })
})
