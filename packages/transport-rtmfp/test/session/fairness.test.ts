import { expect, it } from 'vitest'
import type { SendFlow } from '../../src/contract/flow.ts'
import { Bottleneck } from '../support/lossy-link.ts'
import { type PairOptions, sessionPair } from '../support/session-pair.ts'
import { Simulation } from '../support/simulation.ts'
import { TcpTransfer } from '../support/tcp-transfer.ts'

const DURATION = 60_000

/** As much as a session can send, from when it begins on. Returns the bytes that came. */
function greedy(options: PairOptions & { simulation: Simulation; from: number; priority: 3 | 4 }): () => number {
  const { simulation, initiator, responder } = sessionPair(options)
  let received = 0
  responder.onFlow = flow => {
    flow.onMessage = message => (received += message.length)
    return true
  }
  const fill = (flow: SendFlow) => {
    while (flow.hasRoom) flow.write([Buffer.alloc(10_000)])
  }
  simulation.at(options.from, () => {
    const flow: SendFlow = initiator.openFlow({
      metadata: Buffer.from('m'),
      priority: options.priority,
      onRoom: () => fill(flow),
    })
    fill(flow)
  })
  return () => received
}

it.each([
  { name: 'time critical', priority: 4, queue: 62_500, loss: 0 },
  { name: 'not time critical', priority: 3, queue: 62_500, loss: 0 },
  { name: 'a short queue', priority: 4, queue: 15_000, loss: 0 },
  { name: 'a long queue', priority: 4, queue: 200_000, loss: 0 },
  { name: 'with losses by chance', priority: 4, queue: 62_500, loss: 0.01 },
] as const)('two sessions share 5 Mbit/s: $name', ({ priority, queue, loss }) => {
  const simulation = new Simulation()
  const bottleneck = new Bottleneck(5, queue)
  const first = greedy({ simulation, bottleneck, delay: 20, loss, seed: 1, from: 0, priority })
  const second = greedy({ simulation, bottleneck, delay: 25, loss, seed: 2, from: 5_000, priority })
  simulation.run(10_000)
  const [a, b] = [first(), second()]
  simulation.run(DURATION)
  const shares = [first() - a, second() - b]
  const used = ((shares[0] as number) + (shares[1] as number)) / ((5_000_000 / 8) * ((DURATION - 10_000) / 1_000))
  expect(Math.max(...shares) / Math.min(...shares)).toBeLessThan(2)
  expect(used).toBeGreaterThan(0.8)
})

it.each([
  { name: 'a queue of one round trip', queue: 31_000, delay: 25 },
  { name: 'a long queue', queue: 125_000, delay: 25 },
  { name: 'a short queue', queue: 15_000, delay: 25 },
])('a session beside a TCP transfer on 5 Mbit/s: $name', ({ queue, delay }) => {
  const simulation = new Simulation()
  const bottleneck = new Bottleneck(5, queue)
  const tcp = new TcpTransfer(simulation, bottleneck, delay)
  const received = greedy({ simulation, bottleneck, delay, from: 3_000, priority: 4 })
  simulation.run(10_000)
  const [a, b] = [received(), tcp.received]
  simulation.run(DURATION * 2)
  const [ours, theirs] = [received() - a, tcp.received - b]
  expect(ours / theirs).toBeLessThan(2)
  expect(ours / theirs).toBeGreaterThan(0.5)
})
