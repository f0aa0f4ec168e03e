import { setImmediate as nextTurn } from 'node:timers/promises'
import type { RtmpMessage } from '@rtmpipe/chunk-stream'
import { samples } from '@rtmpipe/testing'
import { describe, expect, it } from 'vitest'
import { JoinedMessages } from '../../src/edge/joined-messages.ts'

function joined() {
  const waiting: RtmpMessage[] = []
  const messages = new JoinedMessages({ next: () => waiting.shift(), closed: () => {} })
  const read: RtmpMessage[] = []
  return { waiting, messages, read }
}

const burst = Array.from({ length: 50 }, (_, time) => samples.audio(time))

describe('messages that come together', () => {
  it('are handed on in the turn in which they came', async () => {
    const { waiting, messages, read } = joined()
    messages.on('data', message => read.push(message))
    await nextTurn()
    waiting.push(...burst)
    messages.pump()
    expect(read).toEqual(burst)
  })

  it('go past the stream to one who takes them', async () => {
    const { messages, read } = joined()
    messages.on('data', message => read.push(message))
    await nextTurn()
    expect(burst.every(message => messages.deliver(message))).toBe(true)
    expect(read).toEqual(burst)
  })

  it('are not delivered to one who does not', async () => {
    const { waiting, messages, read } = joined()
    expect(messages.deliver(samples.audio(1))).toBe(false)
    messages.on('data', message => read.push(message))
    await nextTurn()
    messages.pause()
    expect(messages.deliver(samples.audio(2))).toBe(false)
    waiting.push(samples.audio(3))
    messages.pump()
    expect(messages.readableLength).toBe(1)
    messages.resume()
    expect(messages.deliver(samples.audio(4))).toBe(false)
    await nextTurn()
    expect(read).toEqual([samples.audio(3)])
    expect(messages.deliver(samples.audio(5))).toBe(true)
    messages.destroy()
    expect(messages.deliver(samples.audio(6))).toBe(false)
    expect(read.length).toBe(2)
  })

  it('wait with their sender while the reader pauses in between', async () => {
    const { waiting, messages, read } = joined()
    messages.on('data', message => {
      read.push(message)
      if (read.length === 10) messages.pause()
    })
    await nextTurn()
    waiting.push(...burst)
    messages.pump()
    await nextTurn()
    expect(read).toEqual(burst.slice(0, 10))
    expect(waiting.length + messages.readableLength).toBe(40)
    messages.resume()
    while (read.length < 50) await nextTurn()
    expect(read).toEqual(burst)
  })
})
