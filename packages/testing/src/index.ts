/**
 * What tests of transports, plugins and servers need, for any test runner: a transport and a server in memory, sample
 * messages, a clock of the test's own, faults, and the compliance suites of transports and plugins.
 *
 * @example
 * ```ts
 * await using server = new TestServer({ plugins: [myPlugin] })
 * const player = await server.play('live/name')
 * const publisher = await server.publish('live/name')
 * await send(publisher, sampleStream(20))
 * const messages = await take(player, 20)
 * ```
 *
 * It does not encode pictures or sound: the samples have real headers and filler behind them.
 *
 * @packageDocumentation
 */
export { closed, readBytes } from './byte-stream.ts'
export type { DuplexPairOptions } from './duplex-pair.ts'
export { duplexPair } from './duplex-pair.ts'
export type { ComplianceCase } from './compliance.ts'
export { cutAfter } from './faults/cut-after.ts'
export { faulty } from './faults/faulty.ts'
export { splitReads } from './faults/split-reads.ts'
export { type Stall, stall } from './faults/stall.ts'
export { type AwaitedHook, unanswered } from './faults/unanswered.ts'
export { vanish, type VanishOptions } from './faults/vanish.ts'
export { MemoryTransport } from './memory-transport.ts'
export { MemoryMessageTransport } from './memory-message-transport.ts'
export { messagePair } from './message-pair.ts'
export type { MessageTransportSubject } from './message-transport-bench.ts'
export { messageTransportCompliance } from './message-transport-compliance.ts'
export type { PluginSubject } from './plugin-bench.ts'
export { pluginCompliance } from './plugin-compliance.ts'
export { samples, sampleStream } from './samples.ts'
export { send } from './send.ts'
export { settled } from './settled.ts'
export { take } from './take.ts'
export type { TestPeer } from './test-client.ts'
export { type TestClientOptions, TestServer } from './test-server.ts'
export type { TransportLack, TransportSubject } from './transport-bench.ts'
export { transportCompliance } from './transport-compliance.ts'
export { VirtualClock, type VirtualClockOptions } from './virtual-clock.ts'
