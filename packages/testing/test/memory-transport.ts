import type { Duplex } from 'node:stream'
import { duplexPair } from '../src/duplex-pair.ts'
import type { Listener, Transport, TransportConnection } from '@rtmpipe/session'

/** Small seams at which a test makes the transport break its contract. */
export interface Faults {
  /** Changes the pair of streams of a new connection: dialling side first. */
  pair?: (client: Duplex, server: Duplex) => [Duplex, Duplex]
  /** Changes what is told of a connection. */
  describe?: (connection: TransportConnection) => TransportConnection
  /** close() does not wait. */
  closesEarly?: boolean
  /** close() accepts on. */
  acceptsForever?: boolean
  /** Signals are not listened to. */
  deafToAbort?: boolean
  /** Every dial reaches the listener bound last. */
  mixesListeners?: boolean
  /** Every dial leaves a timer. */
  leaks?: NodeJS.Timeout[]
}

/** A correct transport of duplex pairs, unless a fault is asked for. */
export function memory(faults: Faults = {}): Transport {
  const listeners = new Map<string, (stream: Duplex) => void>()
  let ports = 0
  const describe = faults.describe ?? (connection => connection)
  const connection = (stream: Duplex, port: number): TransportConnection =>
    describe({ stream, transport: 'memory', secure: false, remote: { address: 'memory', port } })
  return {
    name: 'memory',
    schemes: ['memory'],
    async listen(accept, { signal } = {}): Promise<Listener> {
      if (!faults.deafToAbort) signal?.throwIfAborted()
      const port = ++ports
      const open = new Set<Duplex>()
      const onDial = (stream: Duplex): void => {
        open.add(stream)
        stream.once('close', () => open.delete(stream))
        accept(connection(stream, 1))
      }
      listeners.set(String(port), onDial)
      const stop = (): void => {
        if (!faults.acceptsForever) listeners.delete(String(port))
      }
      if (!faults.deafToAbort) signal?.addEventListener('abort', stop)
      const close = async (): Promise<void> => {
        stop()
        if (faults.closesEarly) return
        await Promise.all([...open].map(stream => new Promise(resolve => stream.once('close', resolve))))
      }
      return { scheme: 'memory', address: { address: 'memory', port }, close }
    },
    async dial(url, { signal } = {}) {
      if (!faults.deafToAbort) signal?.throwIfAborted()
      await new Promise(resolve => setImmediate(resolve))
      if (!faults.deafToAbort) signal?.throwIfAborted()
      const port = faults.mixesListeners ? String(ports) : url.port
      const onDial = listeners.get(port)
      if (onDial === undefined) throw new Error(`nobody listens on ${port}`)
      faults.leaks?.push(setTimeout(() => {}, 60_000))
      const [client, server] = (faults.pair ?? ((a, b) => [a, b]))(...duplexPair())
      if (!faults.deafToAbort) signal?.addEventListener('abort', () => client.destroy())
      onDial(server)
      return connection(client, Number(port))
    },
  }
}

/** What the compliance suite asks for. */
export const subject = (transport: Transport) => ({
  transport,
  dialUrl: ({ address }: Listener): URL => new URL(`memory://memory:${address.port}`),
})
