import { BusFabric, type Bus, type Carrier, type Store } from '@rtmpipe/cluster-nats'
import { describe, expect, it } from 'vitest'
import { checkModel } from '../../simulate/src/model-check.ts'
import { Schedule, type ScheduleOptions } from '../../simulate/src/schedule.ts'
import { shapeOf } from '../../simulate/src/shape.ts'
import { addTally, newTally, type Tally } from '../../simulate/src/tally.ts'

/** Runs so many schedules of five nodes. */
async function run(count: number, options: Partial<ScheduleOptions> = {}): Promise<Tally> {
  const sum = newTally()
  for (let number = 0; number < count; number += 1)
    addTally(sum, await new Schedule({ seed: 3, number, shape: shapeOf(5), ...options }).run())
  return sum
}

/** What is said to be wrong, once each. */
function wrong({ violations }: Tally): string[] {
  return [...new Set(violations.map(({ invariant }) => invariant))].toSorted()
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
    for (const name of ['owner', 'epoch', 'age', 'gateway', 'unwatched', 'resume'])
      expect([name, tally.tried[name]! > 30]).toEqual([name, true])
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
    const tally = await run(10, {
      fabric: parts => new BusFabric({ ...parts, stores: { ...parts.stores, streams: blind(parts.stores.streams) } }),
    })
    expect(wrong(tally)).toContain('owner')
  })

  it('an epoch that never becomes less', async () => {
    const tally = await run(10, {
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
    expect(wrong(tally)).toContain('epoch')
  })

  it('nothing older than three seconds', async () => {
    // Each frame says that it was sent just now.
    const tally = await run(20, {
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
    expect(wrong(tally)).toContain('age')
  })

  it('nothing into a region without viewers, once somebody has left', async () => {
    const tally = await run(25, {
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
    expect(wrong(tally)).toContain('gateway')
  })

  it('nothing sent without any viewer', async () => {
    // Nobody who has joined leaves: it renews for ever.
    const tally = await run(25, {
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
    expect(wrong(tally)).toContain('unwatched')
  })

  it('bounds of what waits for a server that stands still', async () => {
    const tally = await run(8, {
      shape: { ...shapeOf(5), heavy: 1 },
      fabric: parts =>
        new BusFabric({
          ...parts,
          // It is not asked what it has seen.
          carrier: mediaWith(parts.carrier, () => ({ flush: () => Promise.resolve() })),
        }),
      faults: [{ name: 'cut off', at: 5_000 }],
    })
    expect(wrong(tally)).toContain('memory')
  })

  it('each viewer has pictures again', async () => {
    const tally = await run(20, {
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
    expect(wrong(tally)).toContain('resume')
  })
})
