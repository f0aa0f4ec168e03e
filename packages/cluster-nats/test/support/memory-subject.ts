import type { FabricSubject } from '@rtmpipe/cluster/testing'
import { BusFabric } from '../../src/bus-fabric.ts'
import { MemoryNetwork } from '../../src/memory/memory-network.ts'

/** Fabrics in a network in memory, which takes no time. */
export function memorySubject(network: MemoryNetwork = new MemoryNetwork({ time: 'real' })): FabricSubject {
  let nodes = 0
  return {
    open: () => {
      nodes += 1
      const node = `node${nodes}`
      const { carrier, stores, clock } = network.node(node)
      return new BusFabric({ node, carrier, stores, clock, secret: 'test' })
    },
  }
}
