import type { Duplex } from 'node:stream'
import type { DialOptions, Listener, ListenOptions, Transport, TransportConnection } from '@rtmpipe/session'
import { duplexPair, type DuplexPairOptions } from './duplex-pair.ts'

type Accept = (connection: TransportConnection) => void

/**
 * A network of its own within the process. Each `listen()` gets the next port, counted from 1; `memory://NAME:PORT` is
 * dialled by its port, whatever the name.
 */
export class MemoryTransport implements Transport {
  readonly name = 'memory'
  readonly schemes: readonly string[] = ['memory']
  readonly #options: DuplexPairOptions
  readonly #listeners = new Map<number, MemoryListener>()
  #ports = 0

  /** @param options of every connection's {@link duplexPair} */
  constructor(options: DuplexPairOptions = {}) {
    this.#options = options
  }

  async listen(accept: Accept, { signal }: ListenOptions = {}): Promise<Listener> {
    signal?.throwIfAborted()
    const port = this.#nextPort()
    const listener = new MemoryListener(port, accept, () => this.#listeners.delete(port))
    this.#listeners.set(port, listener)
    signal?.addEventListener('abort', () => listener.stop(), { once: true })
    return listener
  }

  async dial(url: URL, { signal }: DialOptions = {}): Promise<TransportConnection> {
    await new Promise(resolve => setImmediate(resolve))
    signal?.throwIfAborted()
    const port = Number(url.port)
    const listener = this.#listeners.get(port)
    if (listener === undefined) throw refused(url)
    const [near, far] = duplexPair(this.#options)
    signal?.addEventListener('abort', () => near.destroy(), { once: true })
    const peer = (stream: Duplex, number: number) => connection(stream, number, this.#options)
    listener.take(peer(far, this.#nextPort()))
    return peer(near, port)
  }

  #nextPort(): number {
    this.#ports += 1
    return this.#ports
  }
}

class MemoryListener implements Listener {
  readonly scheme = 'memory'
  readonly address: { readonly address: string; readonly port: number }
  readonly #accept: Accept
  readonly #forget: () => void
  readonly #open = new Set<Duplex>()
  #closed: Promise<void> | undefined
  #whenEmpty: (() => void) | undefined

  constructor(port: number, accept: Accept, forget: () => void) {
    this.address = { address: 'memory', port }
    this.#accept = accept
    this.#forget = forget
  }

  take(peer: TransportConnection): void {
    this.#open.add(peer.stream)
    peer.stream.once('close', () => {
      this.#open.delete(peer.stream)
      if (this.#open.size === 0) this.#whenEmpty?.()
    })
    this.#accept(peer)
  }

  stop(): void {
    this.#forget()
  }

  close(): Promise<void> {
    this.stop()
    this.#closed ??= this.#open.size === 0 ? Promise.resolve() : new Promise(resolve => (this.#whenEmpty = resolve))
    return this.#closed
  }
}

function connection(stream: Duplex, port: number, { paces }: DuplexPairOptions): TransportConnection {
  const remote = { address: 'memory', port }
  return { stream, transport: 'memory', secure: false, remote, ...(paces === false && { paces }) }
}

function refused({ host }: URL): Error {
  return Object.assign(new Error(`connect ECONNREFUSED ${host}`), { code: 'ECONNREFUSED', syscall: 'connect' })
}
