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
export type { NatsTls } from './nats/dialer.ts'
export type { BusCounters } from './nats/nats-bus.ts'
export { NatsFabric, natsFabric, type NatsFabricStats } from './nats/nats-fabric.ts'
export { type ExaminedServer, examineServers } from './nats/examine.ts'
export { checkOptions, type NatsFabricOptions, type NatsSettings } from './nats/options.ts'
export type { ServerFault } from './nats/server-check.ts'
export { EpochError, FrameError } from './wire/errors.ts'
