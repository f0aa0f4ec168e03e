import type {
  DialOptions,
  Listener,
  ListenOptions,
  MessageConnection,
  MessageTransport,
  MessageTransportConnection,
} from '@rtmpipe/session'
import { messagePair } from './message-pair.ts'

type Accept = (connection: MessageTransportConnection) => void

/** As `MemoryTransport`, but without bytes: whoever dials `memory://NAME:PORT` has one end of a pair of message connections. */
export class MemoryMessageTransport implements MessageTransport {
  readonly name = 'memory'
  readonly schemes: readonly string[] = ['memory']
  readonly #pair: () => readonly [near: MessageConnection, far: MessageConnection]
  readonly #listeners = new Map<number, MessageListener>()
  #ports = 0

  /** @param pair makes both ends of a connection, that of who dials first; default {@link messagePair} */
  constructor(pair: () => readonly [near: MessageConnection, far: MessageConnection] = messagePair) {
    this.#pair = pair
  }

  async listen(accept: Accept, { signal }: ListenOptions = {}): Promise<Listener> {
    signal?.throwIfAborted()
    const port = this.#nextPort()
    const listener = new MessageListener(port, accept, () => this.#listeners.delete(port))
    this.#listeners.set(port, listener)
    signal?.addEventListener('abort', () => listener.stop(), { once: true })
    return listener
  }

  async dial(url: URL, { signal }: DialOptions = {}): Promise<MessageTransportConnection> {
    await new Promise(resolve => setImmediate(resolve))
    signal?.throwIfAborted()
    const port = Number(url.port)
    const listener = this.#listeners.get(port)
    if (listener === undefined) throw refused(url)
    const [near, far] = this.#pair()
    signal?.addEventListener('abort', () => near.destroy(), { once: true })
    listener.take(connection(far, this.#nextPort()))
    return connection(near, port)
  }

  #nextPort(): number {
    this.#ports += 1
    return this.#ports
  }
}

class MessageListener implements Listener {
  readonly scheme = 'memory'
  readonly address: { readonly address: string; readonly port: number }
  readonly #accept: Accept
  readonly #forget: () => void
  readonly #open = new Set<MessageConnection>()
  #closed: Promise<void> | undefined
  #whenEmpty: (() => void) | undefined

  constructor(port: number, accept: Accept, forget: () => void) {
    this.address = { address: 'memory', port }
    this.#accept = accept
    this.#forget = forget
  }

  take(peer: MessageTransportConnection): void {
    this.#open.add(peer.messages)
    peer.messages.once('close', () => {
      this.#open.delete(peer.messages)
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

function connection(messages: MessageConnection, port: number): MessageTransportConnection {
  return { messages, transport: 'memory', secure: false, remote: { address: 'memory', port } }
}

function refused({ host }: URL): Error {
  return Object.assign(new Error(`connect ECONNREFUSED ${host}`), { code: 'ECONNREFUSED', syscall: 'connect' })
}
