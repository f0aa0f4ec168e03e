import type { Duplex } from 'node:stream'

/**
 * Lets `bytes` more bytes arrive on `stream` and then breaks the connection, as a peer does that resets it: here with
 * `ECONNRESET`, at the far end as whatever that makes of it.
 *
 * @returns the same stream
 */
export function cutAfter<Stream extends Duplex>(stream: Stream, bytes: number): Stream {
  const push = stream.push.bind(stream)
  let left = bytes
  stream.push = (arrived: Uint8Array | null): boolean => {
    if (arrived === null || arrived.length < left) {
      left -= arrived?.length ?? 0
      return push(arrived)
    }
    if (left > 0) push(arrived.subarray(0, left))
    left = 0
    stream.destroy(Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET', syscall: 'read' }))
    return false
  }
  return stream
}
