/**
 * Many machines in memory, for tests and simulations: buses and stores whose messages take their time, in real or virtual
 * time, and what can go wrong with them.
 *
 * @packageDocumentation
 */
export { Faults, type Partition, type ServerLoss } from './faults.ts'
export type { Meter } from './meter.ts'
export { MemoryNetwork, type MemoryNetworkOptions } from './memory-network.ts'
export { MemoryNode, type MemoryNodeOptions } from './memory-node.ts'
export { Random } from './random.ts'
