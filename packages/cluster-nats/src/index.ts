/**
 * The fabric of `@rtmpipe/cluster` for many machines: streams go from one to the other over NATS, and a JetStream bucket
 * says who may publish which name.
 *
 * @packageDocumentation
 */
export { BusFabric, type BusFabricOptions } from './bus-fabric.ts'
export { type Bus, type BusMessage, type Carrier, nobody } from './contract/bus.ts'
export { type Clock, systemClock } from './contract/clock.ts'
export type { Store, StoreEntry, Stores } from './contract/store.ts'
export type { EdgeCounts } from './edge/counts.ts'
export { DirectoryDownError } from './errors.ts'
export { Faults, type Partition, type ServerLoss } from './memory/faults.ts'
export { MemoryNetwork, type MemoryNetworkOptions } from './memory/memory-network.ts'
export { MemoryNode, type MemoryNodeOptions } from './memory/memory-node.ts'
export type { Meter } from './memory/meter.ts'
export { Random } from './memory/random.ts'
export { EpochError, FrameError } from './wire/errors.ts'
