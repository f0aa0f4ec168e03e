import { MemoryNetwork, type MemoryNetworkOptions } from '../../src/memory/memory-network.ts'
import type { MemoryNode } from '../../src/memory/memory-node.ts'
import { TestOrigin } from './test-origin.ts'

export const sid = 'abcdefghijklmnopqrstuv'
/** An epoch of the directory; greater ones are later. */
export const epoch = 2 ** 27

/** A network in which one name is published. */
export interface OneName {
  readonly network: MemoryNetwork
  /** Where it is followed. */
  readonly edge: MemoryNode
  /** Publishes it, on a node for each epoch. */
  readonly origin: (number?: number) => TestOrigin
}

export function oneName(options: MemoryNetworkOptions = {}): OneName {
  const network = new MemoryNetwork(options)
  const origin = (number = epoch) => new TestOrigin(network.node(`origin${number}`), sid, number)
  return { network, edge: network.node('edge'), origin }
}
