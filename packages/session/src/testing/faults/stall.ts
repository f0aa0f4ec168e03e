import type { Duplex } from 'node:stream'

/** A stream that is not read. Made by {@link stall}. */
export interface Stall {
  /** Reads on. */
  resume(): void
}

/**
 * Stops reading from a stream, of bytes or messages, whoever its reader is: what arrives piles up until its sender is
 * held back. Sending goes on.
 */
export function stall(stream: Duplex): Stall {
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
