import { MemoryNetwork, type MemoryNode } from '@rtmpipe/cluster-nats/memory'
import { Claims, type WhenDirectoryDown } from '../../src/directory/claims.ts'
import type { HeldClaim } from '../../src/directory/held-claim.ts'

let names = 0

/** A name as it is called in the network. */
export function newSid(): string {
  names += 1
  return `${names}`.padStart(22, '-')
}

export const sid: string = '0'.padEnd(22, 'x')

interface ClaimingNodes {
  readonly network: MemoryNetwork
  readonly nodes: readonly MemoryNode[]
  readonly claims: readonly Claims[]
  readonly claim: (index: number, name?: string, signal?: AbortSignal) => Promise<HeldClaim | undefined>
}

/** A network with so many nodes that claim names: node0, node1 … */
export async function setUp(count: number, whenDirectoryDown: WhenDirectoryDown = 'refuse'): Promise<ClaimingNodes> {
  const network = new MemoryNetwork({ seed: 5, eventsPerTurn: 64 })
  const nodes = Array.from({ length: count }, (_, index) => network.node(`node${index}`))
  const claims = nodes.map(
    ({ name, carrier, stores, clock }) =>
      new Claims({ node: name, bus: carrier.control, stores, clock, whenDirectoryDown }),
  )
  await network.run(10)
  const claim = (index: number, name = sid, signal?: AbortSignal) => network.settle(claims[index]!.claim(name, signal))
  return { network, nodes, claims, claim }
}
