/**
 * `@rtmpipe/testing` by another name. It is a package of its own, which servers in use need not have: where it is missing,
 * importing this says how to install it.
 *
 * @packageDocumentation
 */
import { UsageError } from '@rtmpipe/chunk-stream'
import type * as Testing from '@rtmpipe/testing'

// `export *` would fail before any code of ours runs, in words of Node's.
const testing = await load()

async function load(): Promise<typeof Testing> {
  try {
    return await import('@rtmpipe/testing')
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    const isMissing = code === 'ERR_MODULE_NOT_FOUND' && message.includes("'@rtmpipe/testing'")
    if (!isMissing) throw error
    const advice = 'rtmpipe/testing needs the package @rtmpipe/testing: npm install --save-dev @rtmpipe/testing'
    throw new UsageError('RTMP_ERR_USAGE', advice, { cause: error })
  }
}

export type * from '@rtmpipe/testing'
export const closed: typeof Testing.closed = testing.closed
export const cutAfter: typeof Testing.cutAfter = testing.cutAfter
export const duplexPair: typeof Testing.duplexPair = testing.duplexPair
export const faulty: typeof Testing.faulty = testing.faulty
export const MemoryMessageTransport: typeof Testing.MemoryMessageTransport = testing.MemoryMessageTransport
export type MemoryMessageTransport = Testing.MemoryMessageTransport
export const MemoryTransport: typeof Testing.MemoryTransport = testing.MemoryTransport
export type MemoryTransport = Testing.MemoryTransport
export const messagePair: typeof Testing.messagePair = testing.messagePair
export const messageTransportCompliance: typeof Testing.messageTransportCompliance = testing.messageTransportCompliance
export const pluginCompliance: typeof Testing.pluginCompliance = testing.pluginCompliance
export const readBytes: typeof Testing.readBytes = testing.readBytes
export const samples: typeof Testing.samples = testing.samples
export const sampleStream: typeof Testing.sampleStream = testing.sampleStream
export const send: typeof Testing.send = testing.send
export const settled: typeof Testing.settled = testing.settled
export const splitReads: typeof Testing.splitReads = testing.splitReads
export const stall: typeof Testing.stall = testing.stall
export const take: typeof Testing.take = testing.take
export const TestServer: typeof Testing.TestServer = testing.TestServer
export type TestServer = Testing.TestServer
export const transportCompliance: typeof Testing.transportCompliance = testing.transportCompliance
export const unanswered: typeof Testing.unanswered = testing.unanswered
export const vanish: typeof Testing.vanish = testing.vanish
export const VirtualClock: typeof Testing.VirtualClock = testing.VirtualClock
export type VirtualClock = Testing.VirtualClock
