import type { WorkerLine } from '@rtmpipe/cluster'
import { VirtualClock } from '@rtmpipe/testing'
import { describe, expect, it } from 'vitest'
import { ClosedPorts } from '../../../src/serve/workers/closed-ports.ts'
import type { AllPortsClosed, PortsClosed } from '../../../src/serve/workers/messages.ts'

class Worker implements WorkerLine<AllPortsClosed, PortsClosed> {
  readonly heard: AllPortsClosed[] = []
  close = () => {}

  send(message: AllPortsClosed): void {
    this.heard.push(message)
  }

  onMessage(take: (message: PortsClosed) => void): void {
    this.close = () => take({ type: 'ports closed' })
  }
}

function threeWorkers() {
  const [ports, workers] = [new ClosedPorts(), [new Worker(), new Worker(), new Worker()] as const]
  for (const worker of workers) ports.add(worker)
  return { ports, workers, heard: () => workers.map(({ heard }) => heard.length) }
}

describe('workers whose ports are closed', () => {
  it('hear so when all have closed them', () => {
    const { ports, workers, heard } = threeWorkers()
    ports.endAll(1_000)
    const [first, second, third] = workers
    first.close()
    third.close()
    expect(heard()).toEqual([0, 0, 0])
    second.close()
    expect(heard()).toEqual([1, 1, 1])
  })

  it('do not wait for one that has ended', () => {
    const { ports, workers, heard } = threeWorkers()
    ports.endAll(1_000)
    const [first, second, third] = workers
    first.close()
    second.close()
    ports.remove(third)
    expect(heard()).toEqual([1, 1, 0])
  })

  it('wait no longer than they are told for one that hangs', async () => {
    using clock = new VirtualClock()
    const { ports, workers, heard } = threeWorkers()
    ports.endAll(1_000)
    const [first, second] = workers
    first.close()
    await clock.advance(999)
    expect(heard()).toEqual([0, 0, 0])
    await clock.advance(1)
    expect(heard()).toEqual([1, 0, 0])
    second.close()
    expect(heard()).toEqual([1, 1, 0])
  })

  it('wait for nobody when one ends by itself', () => {
    const { workers, heard } = threeWorkers()
    workers[0].close()
    expect(heard()).toEqual([1, 0, 0])
  })
})
