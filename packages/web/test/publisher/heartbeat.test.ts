/// <reference lib="dom" />
import { afterEach, expect, test, vi } from 'vitest'
import { later } from '../../src/browser/publisher/heartbeat.ts'

afterEach(() => void vi.unstubAllGlobals())

/** A worker that calls when it is told to. */
class FakeWorker extends EventTarget {
  static made: FakeWorker[] = []
  interval = 0
  isOver = false

  constructor() {
    super()
    FakeWorker.made.push(this)
  }

  postMessage(interval: number) {
    this.interval = interval
  }

  terminate() {
    this.isOver = true
  }
}

test('in a hidden page, the time comes once, from a worker that ends then', () => {
  vi.stubGlobal('document', { hidden: true })
  vi.stubGlobal('Worker', FakeWorker)
  const run = vi.fn<() => void>()
  later(run, 4)
  const [worker] = FakeWorker.made
  expect(worker?.interval).toBe(4)
  expect(run).not.toHaveBeenCalled()
  worker?.dispatchEvent(new Event('message'))
  expect(run).toHaveBeenCalledOnce()
  expect(worker?.isOver).toBe(true)
})

test('in a page that is seen, and in a worker, it is a timer', async () => {
  vi.stubGlobal('Worker', undefined)
  await new Promise<void>(resolve => later(resolve, 0))
  vi.stubGlobal('document', { hidden: false })
  await new Promise<void>(resolve => later(resolve, 0))
})
