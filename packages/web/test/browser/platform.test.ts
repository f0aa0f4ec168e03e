import { EventEmitter as NodeEventEmitter } from 'node:events'
import { describe, expect, it } from 'vitest'
import { EventEmitter } from '../../src/browser/platform/events.ts'
import { clearImmediate as clear, setImmediate as immediately } from '../../src/browser/platform/immediate.ts'
import { nextTick } from '../../src/browser/platform/next-tick.ts'

describe.each([
  ['a page', EventEmitter],
  ['Node', NodeEventEmitter],
])('EventEmitter of %s', (_, Emitter) => {
  class Bell extends Emitter {}

  it('calls listeners in order, and those of once no more', () => {
    const bell = new Bell()
    const heard: unknown[] = []
    bell.on('ring', (...args) => heard.push(['on', ...args]))
    bell.once('ring', (...args) => heard.push(['once', ...args]))
    bell.prependListener('ring', (...args) => heard.push(['first', ...args]))
    expect(bell.emit('ring', 1, 2)).toBe(true)
    expect(bell.emit('ring')).toBe(true)
    expect(heard).toEqual([['first', 1, 2], ['on', 1, 2], ['once', 1, 2], ['first'], ['on']])
    expect(bell.listenerCount('ring')).toBe(2)
    expect(bell.emit('door')).toBe(false)
  })

  it('removes the newest of the same listener, those of once too', () => {
    const bell = new Bell()
    let rung = 0
    const ring = (): void => void (rung += 1)
    bell.on('ring', ring).once('ring', ring).off('ring', ring).emit('ring')
    expect([rung, bell.listenerCount('ring'), bell.listeners('ring')]).toEqual([1, 1, [ring]])
    bell.off('ring', ring).off('ring', ring).emit('ring')
    expect([rung, bell.eventNames()]).toEqual([1, []])
  })

  it('calls those that were there when it began', () => {
    const bell = new Bell()
    const heard: string[] = []
    const two = (): void => void heard.push('two')
    bell.on('ring', () => {
      heard.push('one')
      bell.off('ring', two).on('ring', () => heard.push('late'))
    })
    bell.on('ring', two)
    bell.emit('ring')
    expect(heard).toEqual(['one', 'two'])
    bell.removeAllListeners('ring').emit('ring')
    expect(heard).toEqual(['one', 'two'])
  })

  it('throws errors that nobody hears', () => {
    const bell = new Bell()
    expect(() => bell.emit('error', new Error('unheard'))).toThrow('unheard')
    bell.once('error', () => {})
    expect(bell.emit('error', new Error('heard'))).toBe(true)
  })
})

it('a tick comes before a promise made later, an immediate in a turn of its own, and none that was cleared', async () => {
  const order: string[] = []
  clear(immediately(() => order.push('cleared')))
  await new Promise<void>(resolve => {
    immediately((...words: readonly string[]) => order.push(...words), 'immediate', 'with arguments')
    immediately(resolve)
    nextTick((word: string) => order.push(word), 'tick')
    void Promise.resolve().then(() => order.push('promise'))
    order.push('now')
  })
  expect(order).toEqual(['now', 'tick', 'promise', 'immediate', 'with arguments'])
})
