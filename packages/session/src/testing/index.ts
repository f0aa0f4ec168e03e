/**
 * What tests of transports, plugins and servers need, for any test runner.
 *
 * @packageDocumentation
 */
export type { DuplexPairOptions } from './duplex-pair.ts'
export { duplexPair } from './duplex-pair.ts'
export type { TransportComplianceCase } from './transport-compliance.ts'
export { transportCompliance } from './transport-compliance.ts'
export type { TransportLack, TransportSubject } from './transport-bench.ts'
export { MemoryTransport } from './memory-transport.ts'
export { messagePair } from './message-pair.ts'
export { samples, sampleStream } from './samples.ts'
export { take } from './take.ts'
export { TestServer } from './test-server.ts'
