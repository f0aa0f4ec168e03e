import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { LiveStream } from '../../src/live/live-stream.ts'
import { samples } from '@rtmpipe/testing'
import { Collector } from '../support/collector.ts'

const { audio } = samples

beforeEach(
  () =>
    void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setImmediate', 'clearImmediate', 'performance'] }),
)
afterEach(() => void vi.useRealTimers())

class PromptCollector extends Collector {
  readonly gathers = true
}

function setUp() {
  const stream = new LiveStream('live', 'name', { mergeWindow: 20 })
  stream.startPublish()
  const [prompt, other] = [new PromptCollector(), new Collector()]
  stream.attach(prompt)
  stream.attach(other)
  return { stream, prompt, other }
}

it('a consumer whose transport gathers gets messages without the merge window, the others with it', () => {
  const { stream, prompt, other } = setUp()
  stream.write(audio(0))
  vi.advanceTimersByTime(1)
  expect([prompt.messages.length, other.messages.length]).toEqual([1, 1])
  stream.write(audio(5))
  vi.advanceTimersByTime(1)
  expect([prompt.messages.length, other.messages.length]).toEqual([2, 1])
  vi.advanceTimersByTime(20)
  expect(other.messages).toEqual(prompt.messages)
  // Windows end on ticks of an eighth of a window.
  expect(stream.deliveryDelay).toBeLessThanOrEqual(20)
  expect(stream.deliveryDelay).toBeGreaterThan(16)
  stream.detach(other)
  expect(stream.deliveryDelay).toBeLessThan(2)
  stream.detach(prompt)
  expect(stream.deliveryDelay).toBeUndefined()
})

it('it is a consumer like any other when the publish ends, and when it leaves', () => {
  const { stream, prompt, other } = setUp()
  expect(stream.consumerCount).toBe(2)
  stream.write(audio(0))
  stream.endPublish()
  expect([prompt.messages.length, other.messages.length]).toEqual([1, 1])
  expect(prompt.got).toEqual(other.got)
  stream.detach(prompt)
  expect(stream.consumerCount).toBe(1)
  stream.detach(other)
  expect(stream.isIdle).toBe(true)
})
