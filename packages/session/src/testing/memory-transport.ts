import { UsageError } from '@rtmpipe/chunk-stream'
import type { Duplex } from 'node:stream'
import type { DialOptions, Listener, ListenOptions, Transport, TransportConnection } from '../transport.ts'
import { duplexPair } from './duplex-pair.ts'

/** A transport within the process: `memory://NAME` is dialled where a listener of that name is. */
export class MemoryTransport implements Transport {
  readonly name = 'memory'
  readonly schemes: readonly string[] = ['memory']
  readonly #hub: Map<string, MemoryListener>
  readonly #host: string

  /** @param host the name of the listener; @param hub where listeners and dialers meet */
  constructor(host = 'server', hub: Map<string, MemoryListener> = new Map()) {
    this.#host = host
    this.#hub = hub
  }

  listen(accept: (connection: TransportConnection) => void, { signal }: ListenOptions = {}): Promise<Listener> {
    const host = this.#host
    if (this.#hub.has(host))
      return Promise.reject(Object.assign(new Error(`listen EADDRINUSE: ${host}`), { code: 'EADDRINUSE' }))
    const listener = new MemoryListener(host, accept, () => this.#hub.delete(host))
    this.#hub.set(host, listener)
    signal?.addEventListener('abort', () => void listener.close(), { once: true })
    return Promise.resolve(listener)
  }

  dial(url: URL, { signal }: DialOptions = {}): Promise<TransportConnection> {
    if (signal?.aborted) return Promise.reject(signal.reason as Error)
    const listener = this.#hub.get(url.hostname)
    if (listener === undefined)
      return Promise.reject(Object.assign(new Error(`connect ECONNREFUSED ${url.hostname}`), { code: 'ECONNREFUSED' }))
    const [near, far] = duplexPair()
    signal?.addEventListener('abort', () => near.destroy(), { once: true })
    listener.accept(far)
    return Promise.resolve({
      stream: near,
      transport: 'memory',
      secure: true,
      remote: { address: url.hostname, port: 0 },
    })
  }
}

class MemoryListener implements Listener {
  readonly scheme = 'memory'
  readonly address: { readonly address: string; readonly port: number }
  readonly #accept: (connection: TransportConnection) => void
  readonly #forget: () => void
  readonly #open = new Set<Duplex>()
  #closed: Promise<void> | undefined
  #whenEmpty: (() => void) | undefined

  constructor(host: string, accept: (connection: TransportConnection) => void, forget: () => void) {
    this.address = { address: host, port: 0 }
    this.#accept = accept
    this.#forget = forget
  }

  accept(stream: Duplex): void {
    if (this.#closed) throw new UsageError('RTMP_ERR_USAGE', 'the listener is closed')
    this.#open.add(stream)
    stream.once('close', () => {
      this.#open.delete(stream)
      if (this.#open.size === 0) this.#whenEmpty?.()
    })
    this.#accept({ stream, transport: 'memory', secure: true, remote: { address: 'memory', port: 0 } })
  }

  close(): Promise<void> {
    this.#forget()
    this.#closed ??= this.#open.size === 0 ? Promise.resolve() : new Promise(resolve => (this.#whenEmpty = resolve))
    return this.#closed
  }
}
