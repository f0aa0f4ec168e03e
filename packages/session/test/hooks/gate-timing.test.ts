import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { settled, TestServer, VirtualClock } from '@rtmpipe/testing'
import { deny } from '../../src/contract/denial.ts'
import type { GateTiming } from '../../src/contract/gate-timing.ts'
import type { Plugin } from '../../src/contract/plugin.ts'
import { silentLogger } from '../../src/contract/logger.ts'

/** Writes down what it is told. */
function stopwatch(): { readonly told: GateTiming[]; readonly plugin: Plugin } {
  const told: GateTiming[] = []
  return { told, plugin: { name: 'stopwatch', onGate: timing => void told.push(timing) } }
}

const essence = ({ hook, plugin, result, code }: GateTiming) => [hook, plugin, result, ...(code ? [code] : [])]

describe('onGate', () => {
  it('is told of each gate and commit, with how long it took', async () => {
    using clock = new VirtualClock()
    const { told, plugin } = stopwatch()
    const slow: Plugin = {
      name: 'slow',
      onPublish: () => new Promise(resolve => void setTimeout(resolve, 300)),
      onPublishAccepted: () => ({ whenAgreed: () => new Promise(resolve => void setTimeout(resolve, 200)) }),
    }
    const quick: Plugin = { name: 'quick', onConnect: () => undefined, onPublishAccepted: () => () => {} }
    await using test = new TestServer({ plugins: [slow, quick, plugin] })
    const publishing = test.publish('live/name')
    await clock.advance(600)
    await publishing
    expect(told.map(essence)).toEqual([
      ['onConnect', 'quick', 'allowed'],
      ['onPublish', 'slow', 'allowed'],
      ['onPublishAccepted', 'slow', 'allowed'],
      ['onPublishAccepted', 'quick', 'allowed'],
      ['onPublishAccepted', 'slow', 'allowed'],
    ])
    expect(told.map(({ duration }) => duration)).toEqual([0, 300, 0, 0, 200])
    expect(told[0]?.connection).toBe([...test.server.connections][0])
  })

  it.each<[what: string, onPlay: Plugin['onPlay'], result: readonly string[]]>([
    ['has denied', () => deny('App.No', 'no'), ['denied', 'App.No']],
    ['has thrown', () => Promise.reject(new Error('boom')), ['failed', 'NetStream.Failed']],
    ['has answered nonsense', () => 7 as never, ['failed', 'NetStream.Failed']],
    ['has renamed', () => ({ streamName: 'other' }), ['allowed']],
  ])('says when a gate %s', async (_what, onPlay = () => {}, result) => {
    const { told, plugin } = stopwatch()
    await using test = new TestServer({ plugins: [{ name: 'guard', onPlay }, plugin], log: silentLogger })
    await test.play('live/name').catch(() => {})
    expect(told.map(essence)).toEqual([['onPlay', 'guard', ...result]])
  })

  it('says when the client has left before the answer', async () => {
    const { told, plugin } = stopwatch()
    let isAsked = () => {}
    const asked = new Promise<void>(resolve => (isAsked = resolve))
    const guard: Plugin = {
      name: 'guard',
      onPlay: () => {
        isAsked()
        return new Promise(() => {})
      },
    }
    await using test = new TestServer({ plugins: [guard, plugin] })
    const client = await test.connect('live')
    const playing = client.play('name').catch(() => {})
    await asked
    client.messages.destroy()
    await playing
    await settled()
    expect(told.map(essence)).toEqual([['onPlay', 'guard', 'abandoned']])
  })

  it('is told of the server that it belongs to alone', async () => {
    const [one, other] = [stopwatch(), stopwatch()]
    const guard: Plugin = { name: 'guard', onConnect: () => undefined }
    await using first = new TestServer({ plugins: [guard, one.plugin] })
    await using second = new TestServer({ plugins: [guard, other.plugin] })
    await first.connect('live')
    await second.connect('live')
    await second.connect('live')
    expect([one.told.length, other.told.length]).toEqual([1, 2])
  })
})

describe('the channel of gates', () => {
  it('gives the same, also where no plugin listens', async () => {
    const heard: unknown[] = []
    const hear = (message: unknown) => void heard.push(message)
    subscribe('rtmpipe:gate', hear)
    onTestFinished(() => void unsubscribe('rtmpipe:gate', hear))
    await using test = new TestServer({ plugins: [{ name: 'guard', onConnect: () => undefined }] })
    await test.connect('live')
    expect(heard).toMatchObject([{ hook: 'onConnect', plugin: 'guard', result: 'allowed' }])
  })

  it('has no clock read while nobody listens', async () => {
    const { GateClock } = await import('../../src/hooks/gate-clock.ts')
    const stop = vi.spyOn(GateClock.prototype, 'stop')
    onTestFinished(() => stop.mockRestore())
    await using test = new TestServer({ plugins: [{ name: 'guard', onConnect: () => undefined }] })
    await test.connect('live')
    expect(stop).not.toHaveBeenCalled()
  })
})
