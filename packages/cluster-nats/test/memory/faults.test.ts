import { type BusMessage, nobody } from '@rtmpipe/cluster-nats'
import { MemoryNetwork, type MemoryNode } from '@rtmpipe/cluster-nats/memory'
import { describe, expect, it } from 'vitest'

const empty = Buffer.alloc(0)

/** Two nodes, of which the second hears what the first says each 100 ms on `a`, and the first the second on `b`. */
async function setUp() {
  const network = new MemoryNetwork({ seed: 3 })
  const [one, two] = [network.node('one'), network.node('two')]
  const heard: { a: number[]; b: number[] } = { a: [], b: [] }
  const talk = (from: MemoryNode, to: MemoryNode, subject: 'a' | 'b') => {
    to.carrier.control.subscribe(subject, ({ payload }) => heard[subject].push(Number(payload.toString())))
    let count = 0
    const say = (): void => {
      from.carrier.control.publish(subject, Buffer.from(`${count}`))
      count += 1
      from.clock.after(100, say)
    }
    from.clock.after(100, say)
  }
  talk(one, two, 'a')
  talk(two, one, 'b')
  await network.run(1_050)
  expect([heard.a.length, heard.b.length]).toEqual([10, 10])
  /** What comes in so many milliseconds. */
  const during = async (milliseconds: number) => {
    heard.a.length = 0
    heard.b.length = 0
    await network.run(milliseconds)
    return { a: heard.a.length, b: heard.b.length }
  }
  const ask = async (from: MemoryNode, subject: string) => {
    const answers: (BusMessage | typeof nobody)[] = []
    const end = from.carrier.control.ask(subject, empty, answer => answers.push(answer))
    await network.run(400)
    end()
    return answers
  }
  return { network, faults: network.faults, one, two, heard, during, ask }
}

const inOrder = (numbers: readonly number[]) =>
  numbers.every((each, index) => index === 0 || each > numbers[index - 1]!)

describe('Faults', () => {
  it('freezes a process: what was sent to it comes late, and after 3 s the rest is lost', async () => {
    const { faults, two, heard, during, ask, one } = await setUp()
    let thaw = faults.freeze('two')
    expect(await during(1_000)).toEqual({ a: 0, b: 0 })
    expect(await ask(one, 'a')).toEqual([])
    thaw()
    expect((await during(100)).a).toBeGreaterThanOrEqual(14)
    thaw = faults.freeze('two')
    await during(10_000)
    expect(await ask(one, 'a')).toEqual([nobody])
    let isBack = false
    two.carrier.control.onUp(() => (isBack = true))
    thaw()
    const { a } = await during(1_000)
    expect(isBack).toBe(true)
    expect(inOrder(heard.a)).toBe(true)
    expect(a).toBeGreaterThan(25)
    expect(a).toBeLessThan(42)
  })

  it('is slow: what comes to a process comes late, and all of it', async () => {
    const { faults, heard, during } = await setUp()
    const end = faults.slow('two')
    expect(await during(4_000)).toEqual({ a: 0, b: 40 })
    end()
    expect((await during(10)).a).toBe(40)
    expect(inOrder(heard.a)).toBe(true)
  })

  it('loses a server for as long as it is told to', async () => {
    const { faults, during } = await setUp()
    faults.killServer(['two'], { backAfter: 450 })
    expect((await during(1_000)).a).toBeLessThanOrEqual(6)
    faults.freezeServer(['two'], { noticedAfter: 2_000, backAfter: 20 })
    expect((await during(1_950)).a).toBe(0)
    expect((await during(500)).a).toBeGreaterThanOrEqual(3)
  })

  it('kills a process: nothing of it goes on, and the next one of its name is another', async () => {
    const { network, faults, two, during, ask, one } = await setUp()
    faults.kill('two')
    expect(await during(1_000)).toEqual({ a: 0, b: 0 })
    expect(await ask(one, 'a')).toEqual([nobody])
    expect(network.node('two')).not.toBe(two)
    expect(() => faults.kill('three')).toThrow('there is no node three')
  })

  it('cuts a process off: short, and everything comes late; long, and it knows and misses it', async () => {
    const { faults, one, during } = await setUp()
    let heal = faults.cutOff('one')
    expect(await during(900)).toEqual({ a: 0, b: 0 })
    expect(one.carrier.control.isUp).toBe(true)
    heal()
    expect(await during(50)).toMatchObject({ a: 9, b: 9 })
    heal = faults.cutOff('one')
    await during(1_600)
    expect(one.carrier.control.isUp).toBe(false)
    heal()
    const { a } = await during(1_000)
    expect(one.carrier.control.isUp).toBe(true)
    expect(a).toBeLessThan(11)
    expect(a).toBeGreaterThan(7)
  })

  it('cuts one direction only', async () => {
    const { faults, during } = await setUp()
    const heal = faults.cutOff('one', 'in')
    expect(await during(900)).toEqual({ a: 9, b: 0 })
    heal()
    await during(100)
    const heals = [faults.partition(['one'], { ways: 'out' }), faults.partition(['two'], { ways: 'in' })]
    expect(await during(1_000)).toEqual({ a: 0, b: 10 })
    heals[0]!()
    expect(await during(1_000)).toEqual({ a: 0, b: 10 })
    heals[1]!()
    expect(await during(1_000)).toEqual({ a: 10, b: 10 })
  })

  it('parts nodes from others, and from the directory if it is on the other side', async () => {
    const { network, faults, one, two, during, ask } = await setUp()
    const reaches = async ({ stores }: MemoryNode) => {
      const written = stores.streams.put('k', empty)
      return network.settle(written).then(
        () => true,
        () => false,
      )
    }
    let heal = faults.partition(['one'])
    expect(await during(1_000)).toEqual({ a: 0, b: 0 })
    expect(await ask(one, 'a')).toEqual([])
    await during(1_000)
    expect(await ask(one, 'a')).toEqual([nobody])
    expect([await reaches(one), await reaches(two)]).toEqual([false, true])
    heal()
    heal = faults.partition(['one'], { directory: 'here' })
    expect([await reaches(one), await reaches(two)]).toEqual([true, false])
    heal()
    heal = faults.partition(['one'], { directory: 'both' })
    expect([await reaches(one), await reaches(two)]).toEqual([true, true])
    expect(await during(1_000)).toEqual({ a: 0, b: 0 })
    heal()
    expect(await during(1_000)).toEqual({ a: 10, b: 10 })
  })

  it('takes the servers of some away, or of all: who is connected anew has missed what was said', async () => {
    const { network, faults, one, during } = await setUp()
    faults.killServer(['one'])
    expect(one.carrier.control.isUp).toBe(false)
    expect((await during(1_000)).a).toBeGreaterThan(7)
    faults.freezeServer(['one'])
    expect((await during(900)).a).toBe(0)
    await during(1_000)
    expect((await during(1_000)).a).toBe(10)
    const start = faults.stopServers()
    expect(network.node('three').carrier.control.isUp).toBe(false)
    await expect(network.settle(one.carrier.control.flush())).rejects.toThrow('down')
    expect(await during(2_000)).toEqual({ a: 0, b: 0 })
    start()
    await during(200)
    expect(await during(1_000)).toEqual({ a: 10, b: 10 })
    expect(network.node('three').carrier.control.isUp).toBe(true)
    await network.settle(one.carrier.control.flush())
  })

  it('keeps the directory from writing, from answering, and from remembering', async () => {
    const { network, faults, one } = await setUp()
    const { streams } = one.stores
    const run = <T>(promise: Promise<T>) => network.settle(promise)
    await run(streams.put('k', Buffer.from('1')))
    faults.elect(4_000)
    await expect(run(streams.put('k', Buffer.from('2')))).rejects.toThrow('does not answer')
    expect((await run(streams.get('k')))?.value.toString()).toBe('1')
    await network.run(4_000)
    faults.loseAnswers(1)
    await expect(run(streams.put('k', Buffer.from('3')))).rejects.toThrow('does not answer')
    faults.loseAnswers(0)
    expect(await run(streams.get('k'))).toEqual({
      value: Buffer.from('3'),
      revision: 2,
      writtenAt: expect.any(Number),
      previous: expect.anything(),
    })
    expect(await run(streams.create('l', empty))).toBe(3)
    expect(await run(streams.remove('k', 2))).toBe(true)
    faults.forget(2)
    expect((await run(streams.get('k')))?.value.toString()).toBe('3')
    expect(await run(streams.get('l'))).toBeUndefined()
    faults.readLate(1_000)
    await run(streams.put('k', Buffer.from('4')))
    const reads = await run(Promise.all(Array.from({ length: 40 }, () => streams.get('k'))))
    expect(new Set(reads.map(each => each?.value.toString()))).toEqual(new Set(['3', '4']))
    const created = await run(streams.created())
    faults.recreate()
    expect(await run(streams.get('k'))).toBeUndefined()
    expect(await run(streams.created())).toBeGreaterThanOrEqual(created + 4)
    expect(await run(streams.create('k', empty))).toBe(1)
  })

  it('lets clocks drift', async () => {
    const network = new MemoryNetwork()
    const late = network.node('late', { drift: -500 })
    let at = 0
    late.clock.after(1_000, () => (at = network.clock.now()))
    await network.run(2_000)
    expect(at).toBeCloseTo(1_000.5, 1)
    expect(late.clock.now()).toBeCloseTo(1_999, 5)
  })
})
