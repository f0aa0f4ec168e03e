import { BusFabric, type Bus, type Carrier, type Store } from '@rtmpipe/cluster-nats'
import { describe, expect, it } from 'vitest'
import { checkModel } from '../../simulate/src/model-check.ts'
import { Schedule, type ScheduleOptions } from '../../simulate/src/schedule.ts'
import { shapeOf } from '../../simulate/src/shape.ts'
import { addTally, type Invariant, newTally, type Tally } from '../../simulate/src/tally.ts'

/** Runs so many schedules of five nodes. */
async function run(count: number, options: Partial<ScheduleOptions> = {}): Promise<Tally> {
  const sum = newTally()
  for (let number = 0; number < count; number += 1)
    addTally(sum, await new Schedule({ seed: 3, number, shape: shapeOf(5), ...options }).run())
  return sum
}

const whole = { shape: { ...shapeOf(5), whole: 1 } }

/** Whether one of so many schedules breaks a rule. */
async function breaks(invariant: Invariant, count: number, options: Partial<ScheduleOptions>): Promise<boolean> {
  for (let number = 0; number < count; number += 1) {
    const { violations } = await new Schedule({ seed: 3, number, shape: shapeOf(5), ...options }).run()
    if (violations.some(each => each.invariant === invariant)) return true
  }
  return false
}

function busWith(bus: Bus, instead: Partial<Bus>): Bus {
  return {
    get isUp() {
      return bus.isUp
    },
    publish: (subject, payload) => bus.publish(subject, payload),
    subscribe: (subject, take) => bus.subscribe(subject, take),
    ask: (subject, payload, take) => bus.ask(subject, payload, take),
    flush: () => bus.flush(),
    onUp: listener => bus.onUp(listener),
    ...instead,
  }
}

function mediaWith(carrier: Carrier, instead: (bus: Bus) => Partial<Bus>): Carrier {
  const bus = carrier.media('')
  const media = busWith(bus, instead(bus))
  return { control: carrier.control, media: () => media }
}

describe('the simulator', () => {
  it('finds nothing wrong, whatever goes wrong in the network', async () => {
    const tally = await run(60)
    expect(tally.violations).toEqual([])
    expect(Object.keys(tally.faults).length).toBeGreaterThan(10)
    const least = { owner: 55, epoch: 50, age: 50, resume: 50, gateway: 10, unwatched: 3 }
    for (const [name, count] of Object.entries(least))
      expect([name, (tally.tried[name] ?? 0) >= count]).toEqual([name, true])
  })

  it('waits until a node that nobody hears is declared dead, and finds nothing wrong', async () => {
    const tally = await run(15, { faults: [{ name: 'owner unheard', at: 3_000 }] })
    expect(tally.violations).toEqual([])
    expect(tally.tried['judgement']).toBeGreaterThan(2)
  })

  it('looks at what waits for those who stand still', async () => {
    const tally = await run(8, { shape: { ...shapeOf(5), heavy: 1 }, faults: [{ name: 'slow edge', at: 5_000 }] })
    expect(tally.violations).toEqual([])
    expect(tally.tried['memory']).toBeGreaterThan(2)
  })

  it('does the same again for the same seed', async () => {
    const lines: string[][] = [[], []]
    for (const each of lines)
      await new Schedule({ seed: 5, number: 2, shape: shapeOf(5), trace: line => each.push(line) }).run()
    expect(lines[0]!.length).toBeGreaterThan(3)
    expect(lines[1]).toEqual(lines[0])
  })

  it('has a model that does what was measured, within 30 %', async () => {
    const rows = await checkModel()
    expect(rows.length).toBeGreaterThan(8)
    expect(rows.filter(({ isGood }) => !isGood)).toEqual([])
  })
})

describe('a rule that is not kept is found:', () => {
  it('one owner in each epoch', async () => {
    // Whoever finds a name taken has it all the same.
    const blind = (store: Store): Store => ({
      created: () => store.created(),
      put: (key, value) => store.put(key, value),
      get: key => store.get(key),
      keys: () => store.keys(),
      remove: (key, revision) => store.remove(key, revision),
      update: (key, value, revision) => store.update(key, value, revision),
      create: async (key, value) => (await store.create(key, value)) ?? (await store.get(key))?.revision,
    })
    const isBroken = await breaks('owner', 10, {
      fabric: parts => new BusFabric({ ...parts, stores: { ...parts.stores, streams: blind(parts.stores.streams) } }),
    })
    expect(isBroken).toBe(true)
  })

  it('an epoch that never becomes less', async () => {
    const isBroken = await breaks('epoch', 10, {
      fabric: parts => {
        const fabric = new BusFabric(parts)
        const join = fabric.join.bind(fabric)
        let less = 0
        fabric.join = async function* (key, how) {
          for await (const stream of join(key, how)) yield { ...stream, epoch: stream.epoch - (less += 1_000) }
        }
        return fabric
      },
      faults: [{ name: 'encoder gone', at: 5_000 }],
    })
    expect(isBroken).toBe(true)
  })

  it('nothing older than three seconds', async () => {
    // Each frame says that it was sent just now.
    const isBroken = await breaks('age', 20, {
      fabric: parts => {
        const subscribe: (bus: Bus) => Bus['subscribe'] = bus => (subject, take) =>
          bus.subscribe(subject, message => {
            if (!subject.startsWith('rt1.m.')) return take(message)
            const payload = Buffer.from(message.payload)
            payload.writeBigUInt64LE(BigInt(Math.round(parts.clock.now() * 1_000)), 8)
            take({ ...message, payload })
          })
        return new BusFabric({
          ...parts,
          carrier: mediaWith(parts.carrier, bus => ({ subscribe: subscribe(bus) })),
        })
      },
      faults: [{ name: 'slow edge', at: 5_000 }],
    })
    expect(isBroken).toBe(true)
  })

  it('nothing into a region without viewers, once somebody has left', async () => {
    const isBroken = await breaks('gateway', 25, {
      ...whole,
      fabric: parts =>
        new BusFabric({
          ...parts,
          carrier: mediaWith(parts.carrier, bus => ({
            subscribe: (subject, take) => {
              bus.subscribe(subject, take)
              return () => {}
            },
          })),
        }),
      faults: [],
    })
    expect(isBroken).toBe(true)
  })

  it('nothing sent without any viewer', async () => {
    // Nobody who has joined leaves: it renews for ever.
    const isBroken = await breaks('unwatched', 25, {
      ...whole,
      fabric: parts => {
        const renewals = new Map<string, Uint8Array>()
        const bus = parts.carrier.media('')
        const again = (): void => {
          for (const [subject, payload] of renewals) bus.publish(subject, payload)
          parts.clock.after(5_000, again)
        }
        again()
        const publish: Bus['publish'] = (subject, payload) => {
          if (payload[0] === 0x7b && Buffer.from(payload).includes('"renew"')) renewals.set(subject, payload)
          if (!subject.startsWith('rt1.j.') || !Buffer.from(payload).includes('"leave"')) bus.publish(subject, payload)
        }
        return new BusFabric({ ...parts, carrier: mediaWith(parts.carrier, () => ({ publish })) })
      },
      faults: [],
    })
    expect(isBroken).toBe(true)
  })

  it('bounds of what waits for a server that stands still', async () => {
    const isBroken = await breaks('memory', 8, {
      shape: { ...shapeOf(5), heavy: 1 },
      fabric: parts =>
        new BusFabric({
          ...parts,
          // It is not asked what it has seen.
          carrier: mediaWith(parts.carrier, () => ({ flush: () => Promise.resolve() })),
        }),
      faults: [{ name: 'cut off', at: 5_000 }],
    })
    expect(isBroken).toBe(true)
  })

  it('nobody dead before twelve seconds without a sign of life', async () => {
    // Whoever reads a lease does not see that it is renewed.
    const isBroken = await breaks('judgement', 60, {
      ...whole,
      fabric: parts => {
        const { nodes } = parts.stores
        const never: Store = {
          created: () => nodes.created(),
          create: (key, value) => nodes.create(key, value),
          update: (key, value, revision) => nodes.update(key, value, revision),
          put: (key, value) => nodes.put(key, value),
          remove: (key, revision) => nodes.remove(key, revision),
          keys: () => nodes.keys(),
          get: async key => {
            await nodes.get(key)
            return { value: Buffer.from('{}'), revision: 1 }
          },
        }
        return new BusFabric({ ...parts, stores: { ...parts.stores, nodes: never } })
      },
      faults: [
        { name: 'partition', at: 3_000 },
        { name: 'encoder gone', at: 3_200 },
      ],
    })
    expect(isBroken).toBe(true)
  })

  it('each viewer has pictures again', async () => {
    const isBroken = await breaks('resume', 20, {
      fabric: parts => {
        // Nothing more comes once something was lost.
        const bus = parts.carrier.media('')
        let isDeaf = false
        bus.onUp(() => (isDeaf = true))
        const subscribe: Bus['subscribe'] = (subject, take) =>
          bus.subscribe(subject, message => {
            if (!isDeaf) take(message)
          })
        return new BusFabric({ ...parts, carrier: mediaWith(parts.carrier, () => ({ subscribe })) })
      },
      faults: [{ name: 'server killed', at: 5_000 }],
    })
    expect(isBroken).toBe(true)
  })
})
