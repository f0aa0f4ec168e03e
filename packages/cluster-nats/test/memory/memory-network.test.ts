import { type BusMessage, DirectoryDownError, nobody } from '@rtmpipe/cluster-nats'
import { MemoryNetwork } from '@rtmpipe/cluster-nats/memory'
import { describe, expect, it } from 'vitest'

const bytes = (text: string) => Buffer.from(text)

describe('MemoryNetwork', () => {
  it('delivers what one sends on a subject in order, to exact and to open subscriptions', async () => {
    const network = new MemoryNetwork({ seed: 7 })
    const [one, two] = [network.node('one'), network.node('two')]
    const heard: string[] = []
    const hear = (how: string) => (message: BusMessage) =>
      void heard.push(`${how} ${message.subject} ${message.payload.toString()}`)
    for (const subject of ['a.b', 'a.*', '*.b', 'a.>', '>', 'a', 'a.b.c', 'x.>'])
      two.carrier.control.subscribe(subject, hear(subject))
    await network.run(10)
    one.carrier.control.publish('a.b', bytes('1'))
    await network.run(10)
    expect(heard.toSorted()).toEqual(['*.b a.b 1', '> a.b 1', 'a.* a.b 1', 'a.> a.b 1', 'a.b a.b 1'])
    heard.length = 0
    for (let index = 0; index < 500; index += 1) one.carrier.control.publish('a.b.c', bytes(`${index}`))
    await network.run(100)
    expect(heard.filter(each => each.startsWith('a.b.c '))).toEqual(
      Array.from({ length: 500 }, (_, index) => `a.b.c a.b.c ${index}`),
    )
  })

  it('does nothing while its time is not run, and the same for the same seed', async () => {
    const heard = async (seed: number): Promise<number[]> => {
      const network = new MemoryNetwork({ seed })
      const [one, two] = [network.node('one'), network.node('two')]
      const times: number[] = []
      two.carrier.control.subscribe('a', () => times.push(network.clock.now()))
      await network.run(5)
      for (let index = 0; index < 20; index += 1)
        one.clock.after(index, () => one.carrier.control.publish('a', bytes('')))
      await new Promise(resolve => setImmediate(resolve))
      expect(times).toEqual([])
      await network.run(100)
      expect(times).toHaveLength(20)
      return times
    }
    expect(await heard(1)).toEqual(await heard(1))
    expect(await heard(1)).not.toEqual(await heard(2))
  })

  it('answers questions: by all who take the subject, or by the servers when there is nobody', async () => {
    const network = new MemoryNetwork()
    const [one, two] = [network.node('one'), network.node('two')]
    const answers: unknown[] = []
    const take = (answer: BusMessage | typeof nobody) =>
      void answers.push(answer === nobody ? nobody : answer.payload.toString())
    one.carrier.control.ask('q', bytes('?'), take)
    await network.run(5)
    expect(answers).toEqual([nobody])
    const ends = [one, two].map(({ name, carrier: { control } }) =>
      control.subscribe('q', ({ reply }) => control.publish(reply ?? '', bytes(name))),
    )
    await network.run(5)
    const end = two.carrier.control.ask('q', bytes('?'), take)
    await network.run(5)
    expect(new Set(answers.slice(1))).toEqual(new Set(['one', 'two']))
    end()
    ends[0]?.()
    ends[1]?.()
    await network.run(5)
    one.carrier.control.ask('q', bytes('?'), take)()
    await network.run(5)
    expect(answers).toHaveLength(3)
  })

  it('keeps stores with revisions: each write has a greater one, and the wrong one changes nothing', async () => {
    const network = new MemoryNetwork()
    const { streams } = network.node('one').stores
    const other = network.node('two').stores.streams
    const run = <T>(promise: Promise<T>) => network.settle(promise)
    const revision = await run(streams.create('a', bytes('1')))
    expect(await run(other.create('a', bytes('2')))).toBeUndefined()
    const next = await run(other.update('a', bytes('2'), revision ?? 0))
    expect(next).toBeGreaterThan(revision ?? 0)
    expect(await run(streams.update('a', bytes('3'), revision ?? 0))).toBeUndefined()
    expect(await run(streams.remove('a', revision ?? 0))).toBe(false)
    expect(await run(streams.get('a'))).toMatchObject({ revision: next, value: bytes('2') })
    expect(await run(streams.remove('a', next ?? 0))).toBe(true)
    expect(await run(streams.get('a'))).toBeUndefined()
    expect(await run(streams.create('a', bytes('4')))).toBeGreaterThan(next ?? 0)
    expect(await run(streams.created())).toBe(1_790_000_000)
    expect(network.remains.streams).toBe(1)
  })

  it('forgets which nodes live after a minute, not who has which name', async () => {
    const network = new MemoryNetwork()
    const { stores } = network.node('one')
    await network.settle(Promise.all([stores.nodes.put('a', bytes('')), stores.streams.put('a', bytes(''))]))
    await network.run(59_000)
    expect(await network.settle(stores.nodes.get('a'))).toBeDefined()
    await network.run(2_000)
    expect(await network.settle(stores.nodes.get('a'))).toBeUndefined()
    expect(await network.settle(stores.streams.get('a'))).toBeDefined()
  })

  it('tells what an event throws, and what never comes', async () => {
    const network = new MemoryNetwork()
    network.clock.after(5, () => {
      throw new Error('a fault')
    })
    await expect(network.run(10)).rejects.toThrow('a fault')
    await expect(network.settle(new Promise(() => {}), 10)).rejects.toThrow('has not come within 10 ms')
    expect(DirectoryDownError).toBeDefined()
  })

  it('tells a meter what is sent, and into which regions', async () => {
    const sent: unknown[] = []
    const network = new MemoryNetwork({ meter: { sent: (...what) => sent.push(what) } })
    const [here, there, too] = ['here', 'there', 'there'].map((region, index) => network.node(`${index}`, { region }))
    there!.carrier.control.subscribe('a.*', () => {})
    too!.carrier.control.subscribe('a.b', () => {})
    await network.run(10)
    here!.carrier.control.publish('a.b', bytes('123'))
    here!.carrier.control.publish('b', bytes('1'))
    expect(sent).toEqual([
      ['a.b', 3, 'here', ['there']],
      ['b', 1, 'here', []],
    ])
  })

  it('runs by itself in real time', async () => {
    const network = new MemoryNetwork({ time: 'real' })
    const [one, two] = [network.node('one'), network.node('two')]
    const heard = new Promise<string>(resolve => {
      two.carrier.media('x').subscribe('a.*', ({ payload }) => resolve(payload.toString()))
    })
    one.carrier.media('x').publish('a.b', bytes('1'))
    expect(await heard).toBe('1')
    expect(await one.stores.streams.create('a', bytes('1'))).toBe(1)
    await one.carrier.control.flush()
    await expect(network.run(1)).rejects.toThrow('by itself')
  })
})
