import type { Duplex } from 'node:stream'
import type { Transport, TransportConnection } from '@rtmpipe/session'

/**
 * A transport whose every connection has a fault, at both ends.
 *
 * @example
 * ```ts
 * const transport = faulty(new MemoryTransport(), stream => splitReads(stream, 1))
 * ```
 */
export function faulty(transport: Transport, fault: (stream: Duplex) => Duplex): Transport {
  const broken = (connection: TransportConnection) => ({ ...connection, stream: fault(connection.stream) })
  return {
    name: transport.name,
    schemes: transport.schemes,
    listen: (accept, options) => transport.listen(connection => accept(broken(connection)), options),
    dial: async (url, options) => broken(await transport.dial(url, options)),
  }
}
