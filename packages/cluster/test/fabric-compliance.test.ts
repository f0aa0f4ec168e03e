import { MemoryFabric, MemoryHub } from '@rtmpipe/cluster'
import { fabricCompliance, type FabricSubject } from '@rtmpipe/cluster/testing'
import { describe, it } from 'vitest'
import { WorkerNetwork } from './support/worker-network.ts'

const fabrics: Readonly<Record<string, () => FabricSubject | Promise<FabricSubject>>> = {
  MemoryFabric: () => {
    const hub = new MemoryHub()
    return { open: () => new MemoryFabric(hub) }
  },
  WorkersFabric: () => WorkerNetwork.create(),
}

describe.each(Object.entries(fabrics))('%s', (_name, create) => {
  it.each(fabricCompliance)('$name', one => one.run(create))
})
