import { type Fabric, MemoryFabric, MemoryHub } from '@rtmpipe/cluster'
import type { FabricSubject } from '@rtmpipe/cluster/testing'
import { WorkerNetwork } from './worker-network.ts'

/** The fabrics of this package, each with a network of its own. */
export const fabrics: readonly { readonly name: string; readonly create: () => Promise<FabricSubject> }[] = [
  { name: 'MemoryFabric', create: async () => memoryNetwork() },
  { name: 'WorkersFabric', create: () => WorkerNetwork.create() },
]

export function memoryNetwork(open: (hub: MemoryHub) => Fabric = hub => new MemoryFabric(hub)): FabricSubject {
  const hub = new MemoryHub()
  return { open: () => open(hub) }
}
