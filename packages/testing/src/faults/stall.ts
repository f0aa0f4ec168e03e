import type { Duplex } from 'node:stream'
import { connectionOf, type TestPeer } from '../test-client.ts'

/** A stream that is not read. Made by {@link stall}. */
export interface Stall {
  /** Reads on. */
  resume(): void
}

/**
 * Stops reading from a stream, of bytes or messages, whoever its reader is: what arrives piles up until its sender is
 * held back. Sending goes on. Of a client of a `TestServer`, or of what it publishes or plays, the connection is meant: a
 * stalled player lags, and a stalled publisher answers no pings.
 */
export function stall(peer: Duplex | TestPeer): Stall {
  const stream = connectionOf(peer) ?? (peer as Duplex)
  const { resume, read } = stream
  stream.pause()
  stream.resume = () => stream
  stream.read = () => null
  return {
    resume() {
      stream.resume = resume
      stream.read = read
      if (stream.listenerCount('readable') > 0) stream.emit('readable')
      else stream.resume()
    },
  }
}
