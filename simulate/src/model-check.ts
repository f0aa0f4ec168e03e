import { BusFabric, type Carrier, MemoryNetwork, type MemoryNode } from '@rtmpipe/cluster-nats'
import type { StreamKey } from '@rtmpipe/session'
import type { RtmpMessage } from '@rtmpipe/chunk-stream'
import { isFrame, Pictures } from './pictures.ts'
import { Synthetic } from './synthetic.ts'
import { table } from './tables.ts'

/** One figure that was measured of a real network, and what the model makes of it. */
export interface Checked {
  readonly what: string
  readonly unit: 'ms' | 'messages'
  readonly model: number
  /** From, to. */
  readonly measured: readonly [number, number]
  /** Of the model to the nearest that was measured: 1 within what was measured. */
  readonly ratio: number
  readonly isGood: boolean
}

const key: StreamKey = { app: 'live', streamName: 'name' }
const secret = 'model'
/** By how much the model may differ. */
const tolerance = 0.3
/** Messages a second of twenty streams, and of one. */
const twenty = 1_540
const one = 77
/**
 * What the network in memory is told of the real one, in milliseconds: how long the client takes to find another server
 * when it is refused by the first, to dial one that is there again, and when the watchdog gives up a server or a dial.
 */
const nextServer = [7, 17] as const
const redial = 50
const watchdog = 1_000
/** Milliseconds of processor that a join takes of nodes and server together when 200 come at once, as measured. */
const joinCost = { first: 6, each: 0.9 } as const

/** Compares what happens in the model with what was measured of nats-server. */
export async function checkModel(): Promise<Checked[]> {
  const killed = await spread(nextServer, async backAfter =>
    lost(twenty, m => m.faults.killServer(['edge'], { backAfter })),
  )
  const single = await lost(one, ({ network, faults }) => {
    const start = faults.stopServers()
    network.clock.after(1_000 - 100 + redial, start)
  })
  const frozen = await lost(one, ({ faults }) =>
    faults.freezeServer(['edge'], { noticedAfter: watchdog, backAfter: redial }),
  )
  const frozenTwice = await lost(one, ({ faults }) =>
    faults.freezeServer(['edge'], { noticedAfter: 2 * watchdog, backAfter: redial }),
  )
  const origin = await lost(one, ({ faults }) =>
    faults.freezeServer(['origin'], { noticedAfter: watchdog, backAfter: redial }),
  )
  const thawed = await lost(one, ({ network, faults }) => network.clock.after(6_000, faults.slow('edge')))
  const election = await lost(one, ({ faults }) => faults.elect(6_000))
  return [
    row('server of the edge killed: longest gap', 'ms', killed.gap, [0, 100]),
    row('server of the edge killed: lost of 1,540/s', 'messages', killed.lost, [7, 26]),
    row('the only server down for 1 s: gap', 'ms', single.gap, [1_053, 1_053]),
    row('the only server down for 1 s: lost of 77/s', 'messages', single.lost, [80, 80]),
    row('server of the edge frozen, with watchdog: gap', 'ms', frozen.gap, [1_000, 1_000]),
    row('the same, and the same server is dialled first: gap', 'ms', frozenTwice.gap, [2_000, 2_000]),
    row('server of the origin frozen, with watchdog: gap', 'ms', origin.gap, [1_000, 1_000]),
    row('nothing comes to the edge for 6 s: gap', 'ms', thawed.gap, [6_000, 6_000]),
    row('leader of the directory killed: lost by a viewer', 'messages', election.lost, [0, 0]),
    row('the same: a name can be claimed after', 'ms', await claimAfter(6_000), [5_100, 7_600]),
    row('one joins: first picture', 'ms', await join(1), [7, 24]),
    row('200 join at once: p99', 'ms', await join(200), [155, 275]),
  ]
}

export function checkTable(rows: readonly Checked[]): string {
  return table(
    ['', 'model', 'measured', 'ratio'],
    rows.map(({ what, unit, model, measured: [low, high], ratio }) => [
      what,
      `${Math.round(model)} ${unit}`,
      low === high ? `${low} ${unit}` : `${low}-${high} ${unit}`,
      ratio.toFixed(2),
    ]),
  )
}

function row(what: string, unit: Checked['unit'], model: number, measured: readonly [number, number]): Checked {
  const [low, high] = measured
  const nearest = Math.min(Math.max(model, low), high)
  const ratio = model === nearest ? 1 : nearest === 0 ? Infinity : model / nearest
  return { what, unit, model, measured, ratio, isGood: Math.abs(ratio - 1) <= tolerance }
}

interface Model {
  readonly network: MemoryNetwork
  readonly faults: MemoryNetwork['faults']
}

/** The mean of what a figure is with the least and the most of a delay. */
async function spread(
  [low, high]: readonly [number, number],
  act: (delay: number) => Promise<Missed>,
): Promise<Missed> {
  const [least, most] = [await act(low), await act(high)]
  return { gap: Math.max(least.gap, most.gap), lost: (least.lost + most.lost) / 2 }
}

interface Missed {
  /** Longest time without a message, beyond the usual. Milliseconds. */
  readonly gap: number
  /** Messages that never came. */
  readonly lost: number
}

/** What a viewer misses of a stream with so many messages a second when something happens. */
async function lost(rate: number, act: (model: Model) => unknown): Promise<Missed> {
  const network = new MemoryNetwork({ seed: 3, eventsPerTurn: 64 })
  const origin = network.node('origin')
  const edge = network.node('edge')
  let written = 0
  const end = await publish(network, fabricOf(origin), rate, () => (written += 1))
  const seen = new Set<number>()
  let longest = 0
  let last: number | undefined
  follow(fabricOf(edge), message => {
    const now = network.clock.now()
    if (last !== undefined) longest = Math.max(longest, now - last)
    last = now
    seen.add(message.timestamp)
  })
  await network.run(3_000)
  const [before, seenBefore] = [written, seen.size]
  longest = 0
  act({ network, faults: network.faults })
  await network.run(12_000)
  end()
  await network.run(1_000)
  return { gap: longest, lost: written - before - (seen.size - seenBefore) }
}

/** Milliseconds after which a name can be claimed when the directory has just become unwritable for some. */
async function claimAfter(milliseconds: number): Promise<number> {
  const network = new MemoryNetwork({ seed: 3, eventsPerTurn: 64 })
  const fabric = fabricOf(network.node('origin'))
  await network.run(100)
  const start = network.clock.now()
  network.faults.elect(milliseconds)
  await network.settle(fabric.claim(key))
  return network.clock.now() - start
}

/** Milliseconds after which the 99th of a hundred who join has a picture. */
async function join(count: number): Promise<number> {
  const network = new MemoryNetwork({ seed: 3, eventsPerTurn: 64 })
  const origin = network.node('origin')
  const fabric = fabricOf(origin)
  const end = await publish(network, fabric, one)
  await network.run(3_000)
  const edge = network.node('edge')
  const took: number[] = []
  const start = network.clock.now()
  let work = joinCost.first
  for (let index = 0; index < count; index += 1) {
    const joining = new BusFabric({
      node: `edge${index}`,
      carrier: busy(network, edge.carrier, work),
      stores: edge.stores,
      clock: edge.clock,
      secret,
    })
    work += joinCost.each
    let isFirst = true
    follow(joining, () => {
      if (isFirst) took.push(network.clock.now() - start)
      isFirst = false
    })
  }
  await network.run(5_000)
  end()
  if (took.length < count) throw new Error(`${count - took.length} of ${count} who joined got nothing`)
  return took.toSorted((a, b) => a - b)[Math.ceil(0.99 * count) - 1]!
}

/** As a carrier whose messages wait until the processor has done what came before. */
function busy(network: MemoryNetwork, carrier: Carrier, milliseconds: number): Carrier {
  const media = carrier.media('')
  const slow: typeof media = {
    get isUp() {
      return media.isUp
    },
    publish: (subject, payload) => media.publish(subject, payload),
    flush: () => media.flush(),
    onUp: listener => media.onUp(listener),
    ask: (subject, payload, take) =>
      media.ask(subject, payload, answer => void network.clock.after(milliseconds, () => take(answer))),
    subscribe: (subject, take) =>
      media.subscribe(subject, message => void network.clock.after(milliseconds, () => take(message))),
  }
  return { control: carrier.control, media: () => slow }
}

function fabricOf({ name, carrier, stores, clock }: MemoryNode): BusFabric {
  return new BusFabric({ node: name, carrier, stores, clock, secret })
}

/** @returns ends it */
async function publish(
  network: MemoryNetwork,
  fabric: BusFabric,
  rate: number,
  wrote = (): void => {},
): Promise<() => void> {
  const pictures = new Pictures(500)
  const stream = new Synthetic(pictures.header())
  const claim = await network.settle(fabric.claim(key))
  if (claim === undefined) throw new Error('the name is taken')
  fabric.offer(claim, stream.view)
  let count = 0
  let isOver = false
  const next = (): void => {
    if (isOver) return
    count += 1
    // A number instead of a time: who gets it can be told from all others.
    if (count % rate === 1) stream.write(pictures.keyframe(count), true)
    else stream.write(pictures.audio(count), false)
    wrote()
    network.clock.after(1_000 / rate, next)
  }
  next()
  await network.run(100)
  return () => (isOver = true)
}

function follow(fabric: BusFabric, take: (message: RtmpMessage) => void): void {
  const read = async (): Promise<void> => {
    for await (const { messages } of fabric.join(key, { signal: new AbortController().signal }))
      messages.on('data', (message: RtmpMessage) => {
        if (isFrame(message)) take(message)
      })
  }
  void read()
}
