import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, it } from 'vitest'
import type { OutgoingMessage, SendFlow } from '../../src/contract/flow.ts'
import { sessionPair } from '../support/session-pair.ts'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

function used(): number {
  collectGarbage()
  collectGarbage()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

it('keeps nothing of what is over: messages in a chain, delivered and given up', () => {
  const { simulation, initiator, responder } = sessionPair({
    delay: 5,
    loss: 0.02,
    reordering: { share: 0.05, from: 1, to: 10 },
  })
  let [received, settled] = [0, 0]
  responder.onFlow = flow => {
    flow.onMessage = () => (received += 1)
    return true
  }
  const flow: SendFlow = initiator.openFlow({
    metadata: Buffer.from('m'),
    priority: 4,
    onSettled: () => (settled += 1),
  })
  let written = 0
  let before: OutgoingMessage | undefined
  const payload = Buffer.alloc(40)
  const writeSome = (count: number) => {
    for (let index = 0; index < count; index += 1, written += 1)
      before = flow.write([payload], {
        finishWithin: written % 100 === 70 ? 8 : 5_000,
        after: written % 100 === 0 ? undefined : before,
      })
  }
  const goOn = (messages: number) => {
    const until = written + messages
    simulation.every(10, simulation.now + messages / 5, () => writeSome(50))
    simulation.run(simulation.now + messages / 5 + 6_000)
    expect(written).toBe(until)
    expect(settled).toBe(written)
    before = undefined
  }
  goOn(20_000)
  const start = used()
  goOn(1_000_000)
  // Two bytes a message: what V8 compiles meanwhile counts too.
  expect(used() - start).toBeLessThan(2_000_000)
  expect(received).toBeGreaterThan(written * 0.6)
  expect(received).toBeLessThan(written)
  expect(flow.bufferedBytes).toBe(0)
})
